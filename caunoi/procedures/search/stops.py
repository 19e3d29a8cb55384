"""Stop words: those of asking and of telling, not of the subject.

A phrase of asking stops as a whole ("ở đâu"), so that its words still count elsewhere ("chỗ ở"). Words of telling
(who, when, how many) count little.
"""

from caunoi.procedures.search.synonyms import Phrases, SynonymEntry, Words

ASKING = """
cho em hỏi|cho tôi hỏi|cho hỏi|cho mình hỏi|cho con hỏi|cho cháu hỏi|cho tui hỏi|xin hỏi|xin cho hỏi|muốn hỏi
muốn biết|cho biết|xin cho biết|cho em biết|em muốn|tôi muốn|mình muốn|làm ơn|làm ơn cho hỏi|nhờ tổng đài
tư vấn giúp|hướng dẫn|mọi người|hướng dẫn giúp|chỉ giúp|chỉ giùm|giúp em|giúp tôi|giúp mình|giùm em|dùm|giùm
giúp|với ạ|vậy ạ|ạ|nhé|nha|nhen|hen|nghen|nghe|làm thế nào|làm thế nào để|làm cách nào|bằng cách nào|làm sao
làm sao để|phải làm sao|như thế nào|thế nào|ra sao|như nào|thì sao|phải làm gì|cần làm gì|làm gì|cần gì|cần chi
cần những gì|cần giấy tờ gì|cần những giấy tờ gì|cần giấy tờ nào|giấy tờ gì|những gì|giấy gì|giấy chi
cần giấy gì|cần giấy chi|thì cần|bắt đầu từ đâu|có cần phải|thì phải|được hưởng|giấy tờ chi|thủ tục gì|chi
làm đơn gì|gồm những gì|gồm những giấy tờ gì|gồm giấy tờ gì|gồm những giấy tờ nào|cần chuẩn bị những gì
cần chuẩn bị gì|chuẩn bị gì|chuẩn bị|cần chuẩn bị giấy tờ gì|chuẩn bị những gì|chuẩn bị giấy tờ gì
cần có những gì|cần mang theo gì|mang theo gì|đem theo gì|đem theo|mang theo|mang theo những gì|cần đem gì
đem gì|ở đâu|tại đâu|đi đâu|ra đâu|xin ở đâu|nơi nào|chỗ nào|ở chỗ nào|ra chỗ nào|đến đâu|tới đâu|nộp ở đâu
làm ở đâu|nộp đâu|gửi đâu|gửi đơn đâu|đăng ký đâu|ở đâu vậy|nộp cho ai|nộp đơn|nộp đơn ở đâu|nộp gì|với ai
xin ai|hỏi|bao lâu|mất bao lâu|bao lâu thì có|bao lâu có|khi nào|khi nào có|chừng nào|mấy ngày|bao nhiêu ngày
bao nhiêu tiền|bao nhiêu|mất bao nhiêu|tốn bao nhiêu|phí bao nhiêu|lệ phí bao nhiêu|hết bao nhiêu|hết nhiêu
nhiêu|nhiêu tiền|lệ phí|tốn phí|tốn tiền|mất phí|tốn nhiêu|tốn bao nhiêu tiền|hết nhiêu tiền|được không
có được không|có được|được hông|có cần|có phải|phải không|đúng không|không|hay không|được chưa|chưa vậy|không ạ
vậy|dậy|dzậy|zậy|thì|là|mà|à|ơi|hông|hong|hem|hok|hôn ta|thủ tục|thủ tục hành chính|quy trình|các bước|hồ sơ
bộ hồ sơ|trình tự|điều kiện gì|mẫu đơn|đơn|nộp hồ sơ|nộp|làm thủ tục|làm hồ sơ|làm giấy tờ|làm giấy|làm đơn
đi làm|làm|mần|mần giấy|tiến hành|thực hiện thủ tục|thực hiện|muốn|cần|phải|xin|nên|sẽ|đã|đang|vẫn|cũng|được|bị
có|để|nếu|khi|lúc|vì|do|nhưng|rồi|xong|giờ|bây giờ|hiện nay|nay|hôm nay|hôm qua|tuần trước|tháng trước|năm ngoái
mới đây|lâu rồi|từ lâu|lần này|ngay|luôn|nữa|thêm nữa|hết rồi|hồi|hồi đó|năm nay|năm sau|tháng này|tháng sau
sắp tới|dạo này|lâu nay|ngày nay|mấy ngày nay|bữa trước|hôm trước|vừa rồi|hay là|từ năm|hồi năm|từ hồi|tôi|em
mình|tui|tụi em|tụi con|tụi tui|bạn|các bạn|quý cơ quan|cơ quan nào|ai|người ta|nhà tôi|nhà em|nhà mình|nhà tui
gia đình em|gia đình tôi|gia đình tui|con muốn|chúng tôi|chúng em|bên em|bên tôi|ad|admin|tổng đài|dạ|vâng|thưa
alo|chào|xin chào|chào anh chị|anh chị|của tôi|của em|của tui|nhà tôi có|nhà em có|cái này|cái đó|này|đó|kia|ấy
nào|gì|sao|thế|thôi|nhỉ|hả|hử|chứ|đi|ra|vô|vào|qua|tới|đến|về|từ|ở|tại|lên|bên|của|và|với|hoặc|hay|các|những|một
mấy|nhiều|cả|đều|cho|trong|cùng|rất|quá|lắm|hơi|cái|chiếc|tấm|tờ|đứa|thằng|miếng|mảnh|online|qua mạng|trên mạng
dịch vụ công|dvc|ông bà ơi|z|v|j|h|e|a|t|ờ|kêu|bằng cách|tính|định|chịu|bắt|yêu cầu tôi|thấy|nghe nói
nào cũng được|ủy ban nào|ra xã|ra phường|lên xã|lên phường|ở xã|ở phường|ra xã làm|xã mình|phường mình|ở xã mình
xã tôi|xã em|ra ủy ban|ủy ban xã|ở ủy ban|ở ủy ban xã|ubnd xã|ubnd phường|công an xã phải không|ở công an xã
ở công an phường|ra công an xã|lên công an phường|lên công an xã|lên sở|trên sở|ở sở|ở tỉnh|lên tỉnh
bị phạt|bị phạt không|có bị phạt không|bị phạt bao nhiêu|phạt bao nhiêu|thì bị phạt|ở mô|đi mô|nơi mô|chỗ mô|mô|răng
làm răng|mần răng|rứa|răng rứa|chi rứa|mô rứa|chừ|bữa ni|năm ni|ni|tê|mất tiêu|tiêu rồi|người ta đòi|bị đòi|họ đòi
người ta bắt|có ai biết|cho xin|xin cho|mấy anh chị|mấy anh em|thắc mắc|cho hay|báo giùm|chỉ với|chỉ em|chỉ tui
tự đăng ký được không|làm được không|có phải báo|bao giờ|bao giờ có|hết hiệu lực chưa|đúng hông|đúng hem|tới đâu
"""
TELLING = """
ông|bà|cha|mẹ|bố|bố mẹ|cha má|tía|ba|má|cô|chú|bác|dì|cậu|mợ|anh|chị|cháu|con|bé|nhóc|út|nội|ngoại|vợ|chồng|gái|trai
bạn|bà con
hàng xóm|trong xóm|sinh viên|ông nội|ông ngoại|bà nội|bà ngoại|ba mẹ|ba má|cha mẹ|con gái|con trai|em gái
em trai|vợ chồng|vợ chồng tôi|anh em|người nhà|trong nhà|gia đình|ông già|bà già|năm|tháng|ngày|tuổi|tuần|lần
hai|bốn|trước|sau|mới|cũ|nhau|một mình|tiền|ngàn|con trâu|lớn tuổi|già|già yếu|cũ rồi|người già|người lớn|nhà
người|giấy|giấy tờ|tờ giấy|xã|phường|tỉnh|huyện|ấp|thôn|khu phố|quê|ngân hàng|bệnh viện|trường|cơ quan|công ty
công nhân|xóm|chợ|khu công nghiệp|bình phước|bình dương|đồng nai|đồng xoài|sài gòn|nghệ an|tây ninh|hà nội
tp hcm|thành phố|hồ chí minh|đà nẵng|cần thơ|huế|thanh hóa|quảng ngãi|quảng nam|lâm đồng|đắk lắk|bình long
bù đăng|bù đốp|đồng phú|phú riềng|chơn thành|hớn quản|lộc ninh|biên hòa|long thành|nhơn trạch
thái lan|việt nam|nước mình|đi học|đi làm|đi du lịch|du lịch
đi chơi|đi công tác|xin việc|nộp thuế|thuê|sống|đứng tên|đi lính|đi xa|khó khăn|nghỉ|bận|gấp|gần|xa|khác
tỉnh khác|nơi khác
"""
LIGHT = 0.3
"""The weight of a word of telling."""


def _phrases(text: str) -> Phrases:
    words = {phrase.strip() for line in text.strip().splitlines() for phrase in line.split("|")}
    return Phrases(SynonymEntry(word=phrase, meaning=phrase) for phrase in sorted(words))


_ASKING, _TELLING = _phrases(ASKING), _phrases(TELLING)


def asking(typed: Words, start: int, *, literal: bool) -> int:
    """The length in words of a phrase of asking at `start`, or 0."""
    return _ASKING.at(typed, start, literal=literal)[0]


def telling(typed: Words, start: int, *, literal: bool) -> int:
    """The length in words of a phrase at `start` that only tells who, when, where or how many, or 0."""
    if any(letter.isdigit() for letter in typed[start][0]):
        return 1
    return _TELLING.at(typed, start, literal=literal)[0]
