"""People's names in a letter: after a form of address or an introduction, or by their family name.

Streets, schools and wards are called after people too: a name after such a word, or one that streets bear all over the
country, is a person's only after a form of address.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from caunoi.lib.privacy import highland
from caunoi.lib.privacy.letter import Letter, read
from caunoi.lib.privacy.lexicon import (
    BARE_CALLED,
    BARE_FAMILIES,
    BARE_PAIRS,
    BARE_RELATIONS,
    BARE_STREETS,
    CALLED,
    CAPITAL_GIVEN,
    COMMON,
    COMMON_FAMILIES,
    FAMILIES,
    GIVEN_NAMES,
    MARKED_PLACES,
    NO_NAMES_OF_SMALL,
    NOT_NAMES,
    OFTEN,
    PAIRS,
    PLACES,
    RELATIONS,
    STREETS,
    THINGS,
    areas,
)
from caunoi.lib.privacy.spans import Candidate
from caunoi.lib.vietnamese.writing import TONES, fold, norm


def _set(words: str, *, by: str | None = None) -> frozenset[str]:
    return frozenset(words.split(by))


TITLES = _set("ông bà anh chị em cháu cô chú bác thầy cụ bé thím dì cậu mợ dượng thằng vợ chồng")
_DOTTED = _set("mr mrs ms ô ths bs ls ks ts")
"""Forms of address and trades that have a dot."""
_SHORT_TITLES = _set("a c ô b e")
"""anh, chị, ông as they are noted, before a name with its capital."""
BARE_TITLES = _set("ong chi chau thay ba co chu bac cu be thim thang")
_BARE_TITLES_OF_SMALL = _set("ong anh chi ba chu bac thim")
ORDER = _set("hai ba tư năm sáu bảy tám chín mười út cả tu nam sau bay tam chin muoi ut")
"""Birth orders, which serve as names: chị Hai, anh Tư, Út Hiền."""
_NO_ORDER_BEFORE = _set(
    "nay ngoái trước tuổi lần ngày tháng người con cái đứa giờ tiếng nào học hộ nhà chị anh em mươi trăm nghìn "
    "triệu"
    " lít căn xe phòng tầng ngoai truoc tuoi lan ngay thang nguoi gio tieng nha tram nghin trieu phut phút bữa "
    "tuần vấn hoa trong van"
)
_NICKNAMES = GIVEN_NAMES | _set("bún mập đen lùn rô cá lúa phở đèo chè bánh")
_BARE_GIVEN = _set(
    "duc huy khanh linh loan nhung nguyet duyen diem trinh thoa kieu oanh khang kiet vinh uyen giang tuan "
    "cuong hung ngoc thao yen hanh hien phuong quynh tuyet thuy nghia thinh toan phuoc"
)
ROLES = _set(
    "co giao,thay giao,giao vien,giao su,bac si,bs,y ta,dieu duong,truong thon,truong ap,to truong,can bo,cong an khu "
    "vuc"
    ",gia lang,truong buon,truong bon,truong soc,truong phum,a cha,sai vai"
    ",bi thu,giam doc,ke toan,ke toan truong,thu quy,chu ho,chu quan,chu nha,chu tro,chu thau,hang xom"
    ",luat su,xom truong,ap truong,trung uy"
    ",dai uy,thieu ta,truong khu pho,chu xe,tai xe,hieu truong,nguoi ban,ban gai,giao dich vien,chu nhiem,con gai,con "
    "trai"
    ",dd,ks,ths,ts,ls,nv,cb,truong nhom,doi truong,to pho,truong tram,truong ca,shipper,con nho,thang nho,"
    "cha noi,nguoi bao la anh,anh dn,chi dn,ong dn,ba dn"
    ",em trai,em gai,anh trai,chi gai,vo chong,anh em,con dau,con re,mr,mrs,ms",
    by=",",
)
"""What stands between a form of address and a name, or in place of one, folded. Here as below, what ends with another
of the same set need not be in it: họ tên ends with tên."""
_NAMING = _set(
    "xung,xung la,tu xung,xung ten,ten o nha la,ten that la,chu la,goi la,chu re,co dau,lien he,lh"
    ",nick zalo,zalo ten,fb ten,ky ten,dung ten,ten thiet,ten thiet la,ten day du,ten khai sinh,ho ten that,"
    "ten con,ten be"
    ",ten vo,ten chong,ten nguoi nhan,nguoi nhan ten,goi bang,keu la,keu bang,thuong goi,biet danh,bi danh"
    ",ten,ten la,ten toi,ten em,ten minh,ten chau,ctk,chu tai khoan,chu tk,chu the,name"
    ",tui la,lam chung ky,nguoi ky,name is,i am,my wife,my husband,my son,my daughter,toi la,em la,minh la,"
    "chau la,con la,e la,t la,vo la,"
    "chong la,me la",
    by=",",
)
"""After these stands a name, even of one word."""
_INTRODUCING = _set(
    "kh,ten kh,nguoi gui,nguoi nhan,nguoi viet,nguoi to cao,nguoi bao,nguoi lam don,nguoi viet don,nguoi nop thue"
    ",nguoi phan anh,nguoi lien he,nguoi ky,nguoi khai"
    ",cong dan,dai dien,dai dien ho dan,hoi vien,khach hang,co so,benh nhan,nan nhan,hoc "
    "sinh,toi,em,la,chau,tui,mk,tui la,name is,i am,this is,my wife,my husband,contact,landlord",
    by=",",
)
"""After these may stand a full name."""
PLACE_WORDS = _set(
    "duong,pho,hem,ngo,ngach,kiet,tieu hoc,thcs,thpt,mam non,mau giao,phuong,p,xa,x,huyen,tp,thi tran,quan"
    ",q,ap,thon,buon,soc,kp,khu,cau,cong vien,benh vien,vong xoay,nga tu,nga ba,nga nam,chua,nha "
    "tho,dinh,mieu,tuong dai"
    ",quan ca phe,quan nhau,quan com,quan,tiem,tiem vang,bun bo,com tam,nha hang,nha xe,xe khach,khach san,"
    "sieu thi,nha thuoc"
    ",karaoke,bai hat,phim,truyen,nhan hieu,thuong hieu,tiem thuoc,nha tro,khu tro,nha nghi,cay xang,lo mo"
    ",cau lac bo,nha sach,rap hat,nha tre,chung cu,toa nha,khu dan cu,du an,ap van hoa"
    ",tuong,quang truong,dai lo,cong ty,cty,ga,ben xe,nui,song,suoi,deo,anh hung,khu cong nghiep,kcn,kdc,rap,phong "
    "kham,tram"
    ",giao xu,giao ho,ho dao,xu dao,ngan hang,bv,lang,le hoi,hoc vien,dai hoc,cao dang,duong ten,d,dl,hai"
    ",duong mang ten,pho mang ten,truong mang ten,cau mang ten",
    by=",",
)
_MODIFIERS = _set(
    "toi em minh chau tui con cu moi ruot ho noi ngoai nuoi gai trai ut ca lon nho be ten la tui chung cua do "
    "nay kia bi mat gia "
    "mk e t hai"
)
"""Words that may stand between what somebody is and the name: vợ cũ của tôi, em ruột tôi."""
_NAMED_THINGS = _set("quán tiệm phở bún cơm chè quầy shop cửa")
_SELF = _set("toi,tui,em,con,chau,minh,mk,e,to,be", by=",")
_NICKNAMES_AFTER = _set(
    "chó mèo cú dơi khỉ hổ cáo cận vẩu hói sẹo lé cụt lùn mập đen còi trọc ghẻ chột què gù sún hô râu cọp béo "
    "ốm khùng bự cao lớn nhỏ chuột heo gà mắm bún ve vịt lợn cá tép tôm cua ếch rắn bò trâu dê lửa ma đề điếc câm rỗ "
    "ngọng toét méo móm sứt"
)
"""Written small after a name, a part of it: anh Dũng sẹo."""
_NO_NICKNAME_BEFORE = _set("quá lắm như thôi hơn và nên mà tuổi")
_OFFICES = _set(
    "truong phong,truong ban,truong ap,truong thon,truong cong,truong tieu,truong thpt,truong thcs,truong mam,"
    "truong hoc,truong dai"
    ",truong khu,truong xom,truong khoa,truong tram,truong nhom,truong bo,truong xa,truong doan,duong so,"
    "duong day,duong tinh"
    ",duong sat,doan thanh,doan kiem,doan the,doan vien,doan cong,doan lien,trung tam,trung uong,trung doan,"
    "trung ta,trung tuong,thu tuong,pho thu,tong bi,bach hoa"
    ",trung uy,trung hoc,trung quoc,viet nam,viet kieu,viet tiep,phong giao,phong noi,phong tai,phong kinh,"
    "phong van,phong cong"
    ",phong tu,phong kham,phong lao,phong tro,phong y,phong quan,phong nong,pho chu,pho truong,pho giam,"
    "pho bi,pho phong,pho ban"
    ",pho thong,bo truong,bo y,bo cong,bo giao,bo doi,bo noi,bo phan,bo luat,bo xay,dai hoc,dai uy,dai bieu,"
    "dai ta,dai doan,dai dien"
    ",dai tuong,hoi truong,hoi nong,hoi phu,hoi cuu,hoi dong,hoi chu,hoi lien,ban quan,ban giam,ban to,"
    "ban chi,ban tiep,ban dan"
    ",ban cong,ban nhan,ban thuong,van phong,dia chinh,cong an,cong ty,cong nhan,cong chuc,giao vien,giao duc,"
    "bao hiem,bao ve"
    ",bao dong,ky thuat,ky su,tu phap,tu van,chinh quyen,chinh phu,kim loai,hanh chinh,an ninh,quan ly,"
    "quan su,quan doi,hai quan"
    ",dao tao,chuyen doi,tai chinh,tai nguyen,tai xe,xuan loc,hoa binh,tam quan,quoc gia,quoc hoi,quoc lo,"
    "van hoa,thi tran,thi xa,thi hanh,tinh uy,chi cuc,chi nhanh,chi bo,khoa y,khoa nhi,khoa noi,khoa ngoai,khoa san"
    ",huong dan,huong nghiep,cong chung,thu ngan,thu ky,thu quy,bao mau,tap vu,quan tri,kiem tra"
    ",kinh gui,kinh thua,kinh mong,kinh chao,kinh don,kinh de,kinh bao",
    by=",",
)
"""The first two words of what an office, an institution or a post is called, though the first is a name too."""
_NO_PLACE_WORDS = _set("chưa phó định gã sống cậu câu hãi hái dốt đền tướng")
_MARKED_PLACE_WORDS = _set("hồ thác bão báo hiệu giống thành")
_BECOMING = _set("nham ghi sua doi viet go danh in sai ra lai bien chinh chep ky luu lon go chuyen")
"""Before thành these say that a name was changed: ghi nhầm thành Lê Tám."""
_OF_PEOPLE = (["lien quan"], ["gia dinh"], ["gia lang"])
"""What ends like a place but says who somebody is: no đình, no làng."""
NEXT_FIELDS = _set("sdt cccd cmnd email ubnd stk mst bhxh bhyt tk ctk tel zalo mail")
_NEXT_PLACE = _set("phường đường tỉnh huyện xã địa")
_BARE_NEXT_PLACE = frozenset(map(fold, _NEXT_PLACE))
MIDDLE = _set("văn thị van thi")
NO_MIDDLE = _set(
    "ban phong hoa minh con de dong hanh tran xa thuc truong cong diem cu kien nghiem chung san nghe vat tu"
)
"""No name: văn bản, văn phòng, thị trấn, thi hành …"""
_NO_GIVEN = _set("tam uong doan hoc quoc an hiem quan")
"""No given name: Trung tâm, Trung ương, Công an, Bảo hiểm, Hải quan …"""
_BEFORE_NO_GIVEN = _set("trung cong bao hai dai")
_AFTER_NAME = _set(
    "o so nha sinh sn cccd cmnd dt sdt que la va da bi lam dan muon xin co toi hoi nam ngu tai di thi nen voi cho dia "
    "dang"
    " chua ko khong duoc phan kinh em ba anh chi ho"
)
_SURE_FAMILIES = _set("nguyễn trần lê phạm huỳnh hoàng phan đặng bùi đỗ ngô đinh trương trịnh phùng")
_SURE_BARE_FAMILIES = _set("nguyen pham huynh hoang trinh phung")
_MARKED_AFTER_NAME = _set(
    "phòng gọi nói bên báo xin kêu bị đang mới hay với cho nhờ hỏi sẽ vừa có làm ở nhà không ko k con vợ "
    "chồng mất trình đề kính làm phản"
)
_GROWN = _set("ông bà anh chị cô chú bác dì cậu thím mợ dượng thầy thằng")
_NO_TITLE_BEFORE = _set("mấy các những hai ba ghi ông bà anh chị cô chú bác người quý một chăm tất cả y như của")
_QUALITIES = _set(
    "hiền lành,trung bình,trung thành,công bằng,hoàng gia,sơn nước,châu á,hải quan,tâm thần,tân học,hương vị",
    by=",",
)
_NOT_CALLED = _set(
    "thiet duong truong do nay cu moi dung gi sai khac cong chu tren trong nguoi tai to xa sach hang mien dat giay "
    "that goi tuoi phong dang "
    "ho ban em toi cha con me be ba ma minh ong anh chi co chau dem lot rieng chung la vo chong doanh du "
    "thuong nhu khong ai nhan "
    "san thuoc mon bai lai nam sinh cua dien den va hoac mot hai day don tieng bang ca thanh quan kia lam thi "
    "bi sua dai khai gian"
)
"""Folded: after "tên" no name: tên đường, tên em, tên doanh nghiệp."""
_OWN_NAME = _set(
    "toi ten,em ten,chau ten,con ten,minh ten,mk ten,e ten,ho ten,va ten,tui ten,khach ten,ba ten,ong ten,"
    "anh ten,chi ten",
    by=",",
)
_INTEREST = (
    CALLED
    | BARE_CALLED
    | FAMILIES
    | frozenset({"ng", *ORDER, *GIVEN_NAMES, *_BARE_GIVEN, *COMMON_FAMILIES, *BARE_FAMILIES})
)
_FIRST_WORD = re.compile("[a-z]+")
_FIRST_OF_STREETS = frozenset(street.split()[0] for street in BARE_STREETS)
_ALL_TITLES = TITLES | _SHORT_TITLES
_ALL_BARE_FAMILIES = frozenset(map(fold, FAMILIES))
_FAMILIES = FAMILIES | BARE_FAMILIES | {"ng"}
_IN_SMALL_FULL = _FAMILIES | _ALL_BARE_FAMILIES
_NO_NAMES_AT_ALL = {word for word in NOT_NAMES - CALLED - FAMILIES - TITLES if fold(word) == word} - BARE_CALLED
"""What no name holds: vneid, evn."""
_BEGINNING = FAMILIES | CAPITAL_GIVEN | ORDER
_NO_PART = NOT_NAMES | TITLES | {"em", "tôi"}
_BEFORE_SMALL = frozenset(
    fold(phrase).rsplit(" ", 1)[-1]
    for phrase in _ALL_TITLES | BARE_TITLES | _NAMING | ROLES | RELATIONS | _MODIFIERS | {"ruột"}
)
"""The last words of what stands before a name written small."""
_STARTS_OF_PLACES = frozenset(" ".join(place.split()[:2]) for place in PLACES) | {"cong ty", "cong an", "xa hoi"}
_MARKED_STARTS = frozenset(" ".join(place.split()[:2]) for place in MARKED_PLACES) | {"công ty", "công an", "xã hội"}
_INTRODUCTION = re.compile(r"[ :,\-–\"“‘']{1,4}| ?:? ?\n *")
_SPEAKS = re.compile(r" (?:ne|day|nha)\b(?! (?:la|co|chi|duong))|,? (?:la )?ten (?:that|thiet)")
_SPOKEN = _set("nè đây nha tên là ne")
_LETTER_ENDS = re.compile(r"[ .,;!/\n–-]*(?:[(]?(?:sdt|dt|tel)?[ :.]*[0-9+][0-9 .)-]*)?")
_THANKS = re.compile(
    r"cam on|tran trong|kinh (?:don|thu|chao|bao|mong)|ky ten|da ky"
    r"|nguoi (?:lam|viet|gui|khieu|to|kien|phan)|ngay|than (?:ai|men|chao)"
)
_THANKS_RIGHT_BEFORE = re.compile(
    r"(?:cam on|tran trong|kinh don|kinh thu|kinh chao|ky ten|da ky|thanks?)"
    r"(?: (?:a|nhieu|nhe|nha|anh chi|quy dai|moi nguoi|ad|tong dai|[a-z]{1,8}))?[ .,!:)/–-]{1,5}\n?\Z"
)
_SHORT_SYLLABLES = _set("tr ng th ph kh nh ch")
_ON_A_SCREEN = re.compile(
    r"\b(?:(?:bấm|nhấn|nhấp|ấn|kích)(?: chọn)?(?: vào)?(?: (?:nút|mục|thẻ|dòng|chữ))?|nút|mục|tab|menu|chức năng)"
    r" ?[:\"“‘]? ?\Z",
    re.IGNORECASE,
)
"""Before the words on a button or in a menu: vào mục Hồ sơ của tôi, bấm Bổ sung."""
_CHOSEN = re.compile(r"\b(?:chọn|tick|phần|rồi|và|,) [\"“‘]?\Z", re.IGNORECASE)
_NEXT_SMALL = re.compile(r" ([^\W\d_]+)")
_OF_MANY = _set("nhom trang group hoi page fanpage kenh")
_ONLINE = _set("fb facebook zalo nick tiktok")
_QUOTED = re.compile(r" ?[\"“‘][a-z ]{2,16}[\"”’]")
_BYNAME = re.compile(r" ?[\"“‘](?:[^\W\d_]{1,7} ?){1,3}[\"”’]")
_RELATION_GAP = re.compile(r"[ :,\-–\"“(]{1,3}")
_NO_RELATION = (["bà con"], ["ba con"], ["anh em"], ["chị em"], ["bà cụ"])
NATIONS = _set(
    "lào khơ-me chăm mông s'tiêng s'tieng mạ mạc stiêng tây việt mỹ pháp hàn nhật đài khmer hoa kinh tày nùng "
    "thái tàu âu úc miên thổ campuchia singapore malaysia philippines canada nga"
)
_OPEN_GAP = re.compile(r" |, | [–-] |: | ?[(\"“]")
_NO_START = _set(
    "quý thanh chi mùa công khoa lãnh hợp phật đức đảng tân đông tây bắc trung thánh chúa giáo sở sinh lý hóa "
    "văn sử địa anh toán họa nhạc "
    "tết hè thu đường đoàn lớp khối mẫu thông thường học môi mặt đồi lộ đất điều bà ông anh chị phố số tổ chơ "
    "xuân thuế hải quan"
)
"""Capitalised in the middle of a sentence mostly no name's: Quý cơ quan, Thanh tra, Chi nhánh, môn Lý."""
_GOES_ON_AS_THING = {
    "thanh": ("tra", "minh", "nien"),
    "mới": ("day",),
    "gia": ("dinh",),
    "hương": ("lo",),
    "chi": ("nhanh", "cuc", "bo"),
    "hai": ("quan",),
    "văn": ("mieu", "phong"),
}
_NO_SECOND = TITLES | _set(
    "mẹ má cha bố nay bên nhân pháp tưởng thục cách liệu người mươi trăm ngàn nghìn đình vì căn núi"
)
_VERBS_OF_WAY = _set("đi ở về đến tới từ tại qua ra vô vào sang quê bên phía người nước")
_PARTS = _set(
    "biết thấy hỏi kêu bảo mượn đưa giúp đánh chửi thuê nghe nhắc kể tìm bắt quen mời tới của cho với và là "
    "gặp nhờ do bị cùng tên nói"
)
_SAINTS = _set(
    "giuse maria phêrô phero phaolô phaolo têrêsa teresa anna gioan đaminh tôma matta antôn anton micae anê "
    "rosa luca augustinô "
    "phanxicô giacôbê catarina cêcilia gioakim simon marta lucia monica inê bênađô"
)
_HOLY = _set("thanh duc nha xu ho dao dong hoi truong le tuong")
_NATION_BEFORE = _set(
    "người tộc bào khách vợ chồng đi ở bên chống đánh sang hàng tiếng qua về tại con và sếp công chủ đồ xe "
    "món lính quân tịch sinh thẻ visa hộ passport chiếu gốc kiều lấy hãng động"
)
_FOREIGN_FIRST = _set(
    "zhao zhou zhu zheng huang liu guo xie wang zhang"
    " chen park choi jung kang yoon lee kim john david michael peter james robert mark paul tom "
    "kevin tony jack mary lisa linda "
    "emma sok chan chea heng sao som priya kumar ali ahmed sarah jenny henry andy mike steve daniel"
)
_OTHER_FIRST = _set("ka k h y a sok chân kim néang neang")
_DOOR = re.compile(r"(?:| ?[,:(–-]) ?(?:so )?[0-9]{1,4}[a-z]?(?:/[0-9]{1,4}[a-z]?)*,? ")
_OF_A_PERSON = re.compile(r"[ ,;:(–-]{1,3}(?:sinh|sn|nam sinh|cccd|cmnd|sdt|dt|ngu|ns|[0-9]{4}|so d)\b")
_WITH_A_PHONE = re.compile(r"[ ,:(–-]{1,3}(?:[a-z]+[ ),:-]{1,3}){0,3}(?:0|\+?84)[0-9 .]{8,}")
_OFFICE = re.compile(
    r"[ ,(–-]{1,3}(?:nguyen )?(?:quyen )?(?:pho )?(?:chu tich|giam doc|bi thu|chanh van phong|truong phong|truong ban"
    r"|cuc truong|truong cong an|hieu truong|thu truong|bo truong) (?:nuoc|hdnd|ubnd|hoi dong|uy ban|ubmttq|so|tinh"
    r"|thanh pho|tp|huyen|xa|phuong|thi tran|cong an|bo|cuc|chi cuc|ban|van phong|dang uy|phong|kinh te|tu phap|van hoa"
    r"|giao duc|tai nguyen|noi vu|lao dong|tai chinh|nong nghiep|y te|dia chinh|thanh tra)\b"
    r"|[ ,(–-]{1,3}(?:truong|pho) (?:ap|thon|khu pho|kp|buon|soc) [0-9]"
)
_IN_OFFICE_BEFORE = re.compile(
    r"\b(?:pho )?(?:chu tich|bi thu)(?: (?:ubnd|hdnd|uy ban|uy|dang uy|hoi dong|nhan dan))? (?:xa|phuong|tinh|huyen"
    r"|thi tran|thanh pho|tp|thi xa)\b[^.,;:\n]{0,25} (?:ten|la)(?: la)? (?:ong |ba )?\Z"
)
_AT_A_COUNTER = re.compile(
    r"\b(?:can bo|cong chuc|nhan vien|chuyen vien)(?: bo phan)? (?:mot cua|tu phap|ho tich|tiep dan|tiep nhan"
    r"|hanh chinh cong)[^.,;:\n]{0,25} ten(?: la)? \Z|\bcong an (?:xa|phuong)\b[^.,;:\n]{1,20} ten(?: la)? \Z"
)
"""Who serves the public under their name."""
_HEADS = _set("chap hanh vien,chu tich nuoc,tong bi thu,thu tuong,chu tich quoc hoi,bo truong", by=",")
_JOINING = _set("va voi cung hay hoac lan")
_FOREIGN = re.compile(r"[fjwz]|[bdfgjklrsvxz]\Z|[aeiou][bcdfghjklmnpqrstvxz][aeiou]|[bdfgklrst]{2}")
"""In no Vietnamese syllable: Kevin, Dara."""
_IN_EVERY_LETTER = 3
"""The rank from which a word stands in very many messages."""
_CALLED_BARE_TOO = CALLED | BARE_CALLED
_COUNTED_OR_ENDED = re.compile(r" ?[0-9]|[,.;)\n]|\Z| ?[-–]")
_NO_BYNAME = _set(
    "bán sửa nuôi mở xây thuê hát đánh chửi la lấn đổ đốt chạy nhậu kêu thu cho vay ban sua nuoi mo xay hat danh"
    " chui lan do"
    " dot chay nhau keu thu vay nói noi ở o bị bi có co không khong"
)
"""What somebody does, after whom it stands."""
_LONGEST = 5
_LONGEST_AREA = 4
_LONGEST_WHOLE = 12
"""Words of a name that is looked for again."""
_LONGEST_ROW = 12
"""Capitalised words, of which more are no row of places."""
_SIGNS_OF_NAMES = BARE_TITLES | _set(
    "ong anh chi em toi tui minh con vo chong me ma cha bo la ten gap cho cua voi va kh nguoi hang xom ban so cccd"
)
"""Folded: before these, what looks like a family's name is one."""
_SHRINES = _set("núi miếu miễu đền lăng chùa đình vàm rạch dốc đèo")
_POSTS = _set(
    "can bo,gia lang,truong ap,truong thon,truong xom,truong khu pho,to truong,cong an,co giao,thay giao"
    ",giao vien,bi thu,chu tich,nhan dan,dan,dien luc,truong buon,truong soc,ap doi,dan quan,bo doi",
    by=",",
)
"""Folded: after these a place's name is the place's."""
_OF_BEASTS = _set("vàng vện mực đốm lu ki mướp mun phèn vá xám milu mi-lu tô bông bin")
_CLOTHES = _set("áo đồ bộ mặc quần ao do bo mac quan")
_SHORT_NAME = 2
_NO_OWNER = r"(?: (?!(?:ten|cua|la|do|ong|ba|anh|chi|giam|co|chu|nguoi|em|con|va|voi|cho|do)\b)[a-z]+){0,4}"
_FIRM_BEFORE = re.compile(
    rf"\b(?:(?:cong ty|cty|doanh nghiep|hop tac xa|htx|tap doan|van phong cong chung|vpcc|ho chua nuoc){_NO_OWNER} "
    rf"|(?:nhan|thuong|mam|thuoc|banh|sua) hieu{_NO_OWNER} (?:ba |ong |co )?)\Z"
)
_QUOTED_FIRM = re.compile(
    r"\b(?:shop|quan|tiem|nhom|trang|fanpage|page|san|cua hang|cong ty|cty|hoi|kenh|app|nhan hieu|hieu|dai ly|bai"
    r"|du an|sach|phim|trung tam|truong|group)(?: (?!(?:la|ten|ghi|cua|nhan)\b)[a-z]+){0,3}:? [\"“]\Z"
)
_NAMES_OF_PLACES = re.compile(
    r"\b(?:ten duong|dat (?:lai )?ten|dat theo ten|bang ten|ten (?:dat|pho|cau|xa|phuong|ap))\b[^.\n]*\Z"
)
_OF_FIRMS = _set(
    "boutique mart house spa hotel coffee food foods store shop home center group land travel cafe beauty nail nails"
    " studio academy resort homestay sm taxi express logistics pharmacy restaurant bakery fashion mobile audio garden"
    " plaza tower city park school gym fitness clinic dental media tech motor auto karaoke quan"
)
"""Folded: with what the names of shops and firms end."""
_NUMBERED = _set("dieu khoan luat quan lop to ap thon khu khoi duong quyet so phong khoa ca kiet hem ngach")
_NICK = re.compile(
    r"\b(?:nick|fb|facebook|zalo|tiktok)(?: (?:ten|la|fb|zalo|facebook|tiktok))?:? [\"“‘]([a-z]+(?: [a-z]+)?)[\"”’]"
)
_TELLS_PEOPLE = re.compile(
    r"\b(?:thay mat|ky ten|dong ky|cung ky|dai dien|(?:tui|chung|bon) (?:em|tui|toi|minh|con|chau)"
    r"|cac (?:ong|ba|em|chau|ban|anh|chi|con|be)"
    r"|[0-9]{1,2} (?:dua|em|chau|ban|be))(?: [a-z0-9]+){0,4}: ?(?=[a-z])"
)
_IN_A_LIST = re.compile(
    r"(?:(?:ong|ba|anh|chi|em|chu|bac|va|cung|voi) )*([a-z]+\.?(?: [a-z']+){0,4}?)"
    r"(?:, ?(?:va )?| va | voi | & | \+ |(?= [-–]|[.;\n)]|\Z))"
)
_NEW_NAME = re.compile(r"\b(?:xa|phuong|tinh|ap|khu|nhap)(?: [a-z]+)? ten\b[^.\n]*\Z")
_NAME_ENDED = re.compile(r"[,.;)\n]|\Z")
_NUMBER_NEXT = re.compile(" ?[0-9]")
_AFTER_PHONE = re.compile(r"[0-9](?:[ .-]?[0-9]){7,10}(?: ?[(]|,? (?:gap|tim|hoi) |,? (?:[-–] )?)\Z")


def find(text: str, shape: str) -> Iterator[Candidate]:
    """The names of persons; `text` NFC, `shape` its shape."""
    letter = read(text, shape)
    yield from (one for one in _names(letter) if not on_a_screen(text, one))
    if letter.shouts and len(small := text.lower()) == len(text):
        yield from _names(Letter(small, shape))


def again(letter: Letter, people: Sequence[Candidate]) -> Iterator[Candidate]:
    """The names that were found, wherever they stand in the letter: the whole in any case, the given name by itself in
    the middle of a sentence."""
    if not people:
        return
    runs = [(bisect_left(letter.starts, one.start), bisect_left(letter.ends, one.end) + 1) for one in people]
    lows = [*map(norm, letter.lows)]
    wholes = {tuple(lows[first:end]) for first, end in runs}
    single = {whole[-1] for whole in wholes if whole and len(whole[-1]) > 1}
    middle = {whole[-2] for whole in wholes if len(whole) > _SHORT_NAME}
    longer: dict[str, list[tuple[str, ...]]] = {}
    for whole in sorted(wholes):
        if 1 < len(whole) <= _LONGEST_WHOLE:
            longer.setdefault(fold(whole[0]), []).append(whole)
    for at, low in enumerate(lows):
        if low in single and letter.capital(at) and _stands_alone(letter, at):
            yield Candidate("person", letter.starts[at], letter.ends[at])
        if low in middle and _is_corrected(letter, at):
            yield Candidate("person", letter.starts[at], letter.ends[at + 1])
        for whole in longer.get(letter.foldeds[at], ()):
            end = at + len(whole)
            there = all(map(letter.joined, range(at + 1, end))) and (
                tuple(lows[at:end]) == whole or _but_for_marks(letter, at, whole)
            )
            # two small words are hardly a name
            if there and (letter.capital(at) or len(whole) > 2) and not of_place(letter, at):
                yield Candidate("person", letter.starts[at], letter.ends[end - 1])


def _is_corrected(letter: Letter, at: int) -> bool:
    """Whether the last two words of a name stand there as somebody mistook them: ghi thành Khả Danh."""
    two = letter.joined(at + 1) and letter.capital(at) and letter.capital(at + 1) and letter.joined(at)
    return two and not letter.capital(at - 1) and letter.folded(at - 1) in _BECOMING | {"thanh", "la"}


def _but_for_marks(letter: Letter, at: int, name: Sequence[str]) -> bool:
    """Whether a name of three words or more stands there with other marks: Thiên Ân, Thiên Ấn."""
    end = at + len(name)
    if len(name) <= _SHORT_NAME or not all(letter.has_capital[at:end]):
        return False
    return letter.foldeds[at:end] == [*map(fold, name)]


def prolonged(letter: Letter, people: Iterable[Candidate]) -> Iterator[Candidate]:
    """Names written small, or in a letter in capitals, of which the last syllable was left out: tên ngọc trâm."""
    for one in people:
        last = bisect_left(letter.ends, one.end)
        at = last + 1
        if at >= letter.size or not letter.joined(at) or (letter.capital(last) and not letter.shouts):
            continue
        low = letter.low(at)
        called = low in CALLED or (low.isascii() and low in BARE_CALLED)
        introduced = letter.folded(bisect_left(letter.starts, one.start) - 1) == "ten"
        usual = OFTEN.get(low, 0) > _IN_EVERY_LETTER and not introduced
        if (
            called
            and not usual
            and not letter.capital(at) ^ letter.shouts
            and not after_name(letter, at)
            and _ends(letter, at)
        ):
            yield Candidate("person", one.start, letter.ends[at], one.backed)


def quoted(text: str, people: Iterable[Candidate]) -> Iterator[Candidate]:
    """What somebody is called besides, in quotation marks right after the name: Hoàng "Cò"."""
    for one in people:
        if match := _BYNAME.match(text, one.end):
            yield Candidate("person", one.start, match.end(), backed=one.backed)


def listed(text: str, shape: str) -> Iterator[Candidate]:
    """The people who are told one after another (tụi em: Hà, Yến và bé Thơ), and what somebody calls themselves online
    (nick FB "Mẹ Sóc")."""
    for opening in _TELLS_PEOPLE.finditer(shape):
        start, people = opening.end(), []
        while (item := _IN_A_LIST.match(shape, start)) is not None and _may_be_told(text, *item.span(1)):
            people.append(Candidate("person", *item.span(1)))
            start = item.end()
        if len(people) > 1:
            yield from people
    for nick in _NICK.finditer(shape):
        if text[nick.start(1)].isupper():
            yield Candidate("person", *nick.span(1))


def on_a_screen(text: str, one: Candidate) -> bool:
    """Whether a capitalised syllable begins the words of a button or a menu, as officers tell where to press."""
    first, before = text[one.start : one.end], text[max(0, one.start - 32) : one.start]
    if " " in first or not first[:1].isupper():
        return False
    if _ON_A_SCREEN.search(before):
        return True
    after = _NEXT_SMALL.match(text, one.end)
    pair = after and after[1].islower() and f"{norm(first.lower())} {norm(after[1])}" in PAIRS
    return bool(pair and _CHOSEN.search(before))


def _may_be_told(text: str, start: int, end: int) -> bool:
    """Whether each word of an item is one of names or has a capital."""
    words = re.findall(r"[^\W\d_]+", text[start:end])
    return all(
        word[0].isupper() or word in CALLED or word in _FAMILIES or (word in BARE_CALLED and text[start:end].isascii())
        for word in words
    ) and not (len(words) == 1 and words[0].lower() in NOT_NAMES)


def _stands_alone(letter: Letter, at: int) -> bool:
    """Whether a capitalised word stands in the middle of a sentence, beside no other, and no thing is called so."""
    if (
        letter.gap(at) not in (" ", ", ")
        or letter.capital(at - 1)
        or (letter.joined(at + 1) and letter.capital(at + 1))
    ):
        return False
    return not of_a_thing(letter, at) and not letter.capitals(at)


def _names(letter: Letter) -> Iterator[Candidate]:
    """The names in a letter, as it is written."""
    at, last, street_ended = 0, -1, -1
    while at < letter.size:
        length = 0
        if letter.capital(at):
            run = _run(letter, at)
            another = run == 1 and _beside(letter, at, last) and _called(letter, at, run) and low_is_given(letter, at)
            listed = _listed(letter, at, street_ended)
            length = run if run and not listed and (another or _capitalised(letter, at, run)) else 0
            if not length and letter.low(at) in FAMILIES and letter.low(at) not in TITLES:
                at += max(1, run)  # all of a street's name, so that none begins inside it
                street_ended = at
                continue
            if not length and (areas_there := _areas(letter, at)):
                at += areas_there  # nor inside a place's
                continue
        elif _may_be_small(letter.lows[at]) and (
            letter.folded(at - 1) in _BEFORE_SMALL or letter.lows[at] in _IN_SMALL_FULL
        ):
            length = _small(letter, at)
        if length and not letter.capital(at) and is_within_a_word(letter, at, length):
            length = 0
        if length and not in_office(letter, at, length) and not letter.after(at + length - 1, 1).isdigit():
            length += _nicknamed(letter, at + length) or _hyphened(letter, at + length)
            quoted = _QUOTED.match(letter.after(at + length - 1, 24))
            end = letter.ends[at + length - 1] + (len(quoted.group()) if quoted and _titled(letter, at) else 0)
            yield Candidate("person", letter.starts[at], end)
            last = at + length
        at += length or 1


@lru_cache(20_000)
def _may_be_small(low: str) -> bool:
    """Whether a word written small may be a name's; with other marks than a name's only where it is no common word."""
    return low in _INTEREST or (low not in COMMON and fold(low) in _INTEREST)


def _beside(letter: Letter, at: int, last: int) -> bool:
    """Whether only a sign or an "and" stands between the word and a name that ended before `last`."""
    if at == last:
        return letter.gap(at) in (", ", " - ", " – ", "-", "–", " & ", " + ", "/", ",")
    return at == last + 1 and letter.joined(at) and letter.joined(at - 1) and letter.folded(at - 1) in _JOINING


def low_is_given(letter: Letter, at: int) -> bool:
    """Whether a single word beside a name is one too, and no place's or weekday's."""
    return (letter.low(at) not in NOT_NAMES or letter.low(at) in CALLED) and not office_begins(letter, at)


def _nicknamed(letter: Letter, at: int) -> int:
    """1 where a word written small goes with the name before it: anh Dũng sẹo."""
    if not letter.joined(at) or letter.capital(at):
        return 0
    low = letter.low(at)
    if low == "ma" and letter.unmarked:  # mà
        return 0
    if low not in _NICKNAMES_AFTER:
        ended = _NAME_ENDED.match(letter.after(at, 1)) is not None
        strange = ended and OFTEN.get(low, 0) < _IN_EVERY_LETTER
        return int(
            strange
            and not letter.unmarked
            and is_syllable(low)
            and letter.capital(at - 1)
            and not letter.capitals(at - 1)
            and low not in COMMON
            and not after_name(letter, at)
        )
    return int(not (letter.joined(at + 1) and letter.low(at + 1) in _NO_NICKNAME_BEFORE) and letter.capital(at - 1))


def _hyphened(letter: Letter, at: int) -> int:
    """1 where a syllable written small hangs on a name by its hyphen: Min-jun."""
    return int(at < letter.size and letter.gap(at) == "-" and not letter.capital(at) and len(letter.low(at)) < 6)


def in_office(letter: Letter, at: int, length: int) -> bool:
    """Whether somebody is named with the office in which they acted: ông Lê Văn C, Chủ tịch UBND xã; not where the
    letter is to them."""
    if _AT_A_COUNTER.search(letter.before(at, 60)) is not None:
        return True
    if length < 2 or {"kinh thua", "kinh gui"} & {phrase[:9].strip() for phrase in letter.phrases(at)}:
        return False
    before = letter.before(at, 70)
    if _IN_OFFICE_BEFORE.search(before) is not None:
        return True
    return _OFFICE.match(letter.after(at + length - 1, 60)) is not None or _any_among(letter.phrases(at), _HEADS)


def joins(letter: Letter, at: int) -> bool:
    """Whether a word may go on with the name in which the one before it is: Trần Văn A, N.V. Bình."""
    return letter.joined(at) or (_initial(letter, at - 1) and _goes_on(letter, at))


def of_place(letter: Letter, at: int) -> bool:
    """Whether it is said before that a road, a place, a school or a firm is called so."""
    phrases = letter.phrases(at)
    if phrases and letter.low(at - 1) in _MARKED_PLACE_WORDS:
        return letter.low(at - 1) != "thành" or _BECOMING.isdisjoint(letter.foldeds[max(0, at - 8) : at - 1])
    if phrases and letter.low(at - 1) in _NO_PLACE_WORDS:
        phrases = phrases[1:]
    return phrases[1:2] not in _OF_PEOPLE and _any_among(phrases, PLACE_WORDS)


def goes_on(letter: Letter, at: int, next_: int) -> bool:
    """Whether a name that began at `at` may go on with the word `next_`, which stands right after its last."""
    if not joins(letter, next_) or begins_a_field(letter, next_):
        return False
    another = _titles_another(letter, next_) and letter.low(at) not in FAMILIES and letter.capital(next_)
    return not another and not (letter.capitals(at) and not letter.capitals(next_))


def _listed(letter: Letter, at: int, street_ended: int) -> bool:
    """Whether the words follow a street in a row of streets: Lê Văn Sỹ - Trần Huy Liệu, từ Lê Lợi đến …"""
    if at == street_ended:
        return letter.gap(at) in (" - ", " – ", "-", "/", " / ")
    return at - 1 == street_ended and letter.joined(at) and letter.folded(at - 1) in ("va", "voi", "den", "toi", "giao")


def street(text: str, shape: str, start: int) -> bool:
    """Whether a street's name begins there: one that streets bear, or a person's."""
    first = _FIRST_WORD.match(shape, start)
    if first is None or not (text[start].isupper() or first.group() in _FIRST_OF_STREETS):
        return False
    letter = Letter(text[start : start + 60], shape[start : start + 60])
    if bears(letter, 0, letter.size):
        return True
    return letter.size > 0 and letter.capital(0) and _run(letter, 0) > 1 and letter.low(0) in FAMILIES


def bears(letter: Letter, at: int, length: int) -> bool:
    """Whether the first two to four of these words are a name that streets bear."""
    name = norm(letter.low(at))
    for next_ in range(at + 1, min(at + length, at + 4)):
        if not letter.joined(next_):  # nor is there one
            return False
        name += " " + norm(letter.low(next_))
        if name in STREETS or (name.isascii() and name in BARE_STREETS):
            return not _has_one_more(letter, at, next_ + 1, length)
    return False


def _has_one_more(letter: Letter, at: int, end: int, length: int) -> bool:
    """Whether a street's name of three words and a given name are the whole: Đinh Công Tráng Em."""
    more = end - at == 3 and length == 4 and letter.joined(end)
    return more and letter.capital(end) and letter.low(end) in CALLED and letter.low(end) not in NOT_NAMES


def _run(letter: Letter, at: int) -> int:
    """How many capitalised words from there may be one name; 0 where none begins."""
    if letter.low(at) in TITLES and letter.low(at) != "bé":
        return 0
    headline, family = letter.capitals(at), letter.low(at) in FAMILIES or letter.low(at) == "thị"
    for next_ in range(at + 1, min(at + _LONGEST, letter.size)):
        if not joins(letter, next_) or not letter.capital(next_) or begins_a_field(letter, next_):
            return next_ - at
        if (_titles_another(letter, next_) and not family) or (
            headline and not (letter.capitals(next_) or letter.low(next_) == "ý")
        ):
            return next_ - at
    return min(_LONGEST, letter.size - at)


def begins_a_field(letter: Letter, at: int) -> bool:
    """Whether a form's next field, or an address, begins there: SĐT, Phường Tân Bình; not Nguyễn Thị Phương."""
    if letter.low(at) in _BARE_NEXT_PLACE:
        return not letter.unmarked or (letter.joined(at + 1) and letter.capital(at + 1))
    return letter.folded(at) in NEXT_FIELDS or letter.low(at) in _NEXT_PLACE


def _initial(letter: Letter, at: int) -> bool:
    """Whether the word is an initial with its dot: Nguyễn V. An."""
    length = letter.ends[at] - letter.starts[at]
    return (length == 1 or letter.low(at) in _SHORT_SYLLABLES) and letter.capital(at) and letter.after(at, 1) == "."


def _is_large(letter: Letter, at: int) -> bool:
    """Whether a word is all capitals, or an initial among such."""
    return letter.capitals(at) or letter.low(at) == "ý" or _initial(letter, at)


def _goes_on(letter: Letter, at: int) -> bool:
    """Whether a word after an initial's dot belongs to it, and begins no sentence."""
    return letter.gap(at) == "." or (letter.gap(at) == ". " and letter.low(at) not in _NO_PART)


def _titles_another(letter: Letter, at: int) -> bool:
    """Whether a capitalised word in a row of them is a form of address: Chị; Anh only before a name (Ngọc Anh)."""
    if letter.low(at) not in TITLES:
        return False
    return letter.low(at) not in ("anh", "em", "bé") or (letter.joined(at + 1) and letter.capital(at + 1))


def _capitalised(letter: Letter, at: int, run: int) -> bool:
    """Whether a run of capitalised words is a person's name."""
    low, gap = letter.low(at), letter.gap(at)
    if run > 1 and _starts_a_place(letter, at) and not (letter.joined(at) and letter.low(at - 1) in _ONLINE):
        return False
    if letter.joined(at) and _FIRM_BEFORE.search(letter.before(at, 50)) is not None:
        return False
    if run > 1 and is_a_firm(letter, at, run):
        return False
    if any(letter.low(at + more) in _NO_NAMES_AT_ALL for more in range(1, run)):
        return False
    if is_of_a_shrine(letter, at) or is_a_beast(letter, at) or (run == 1 and is_a_thing_with_the_next(letter, at)):
        return False
    if run > 1 and is_in_a_row_of_areas(letter, at, run) and not _any_among(letter.phrases(at), _NAMING):
        return False
    if low in NOT_NAMES and not (run > 1 and letter.low(at + 1) in MIDDLE):
        return _also_a_name(letter, at, run)
    if _initialled(letter, at, run) or _related(letter, at, run) or _signed(letter, at, run):
        return True
    if _announced(letter, at, run):
        return True
    if gap in (" ", ".", ". ") and (of_place(letter, at) or (at > 0 and letter.low(at - 1) == "trường")):
        return False
    introduced = _introduced(letter, at, run)
    if introduced is not None:
        return introduced
    if any(map(str.isdigit, gap[-8:])) and _DOOR.fullmatch(gap) and not re.search("(?:19|20)[0-9]{2} ", gap):
        return False
    return _by_itself(letter, at, run)


def _announced(letter: Letter, at: int, run: int) -> bool:
    """Whether a form of address, an office or trade, or "của" before a given name says so."""
    if not letter.joined(at) and not (letter.gap(at) == ". " and letter.low(at - 1) in _DOTTED):
        return False
    low = letter.low(at)
    if run == 1 and not letter.shouts and letter.joined(at + 1) and office_begins(letter, at) and low != "thanh":
        return False
    loud = letter.shouts and run > 1 and low not in FAMILIES
    if _titled(letter, at) and not loud:
        return True
    if _any_among(letter.phrases(at), ROLES) and _called(letter, at, run):
        return not is_in_a_row_of_areas(letter, at, run)
    of_somebody = letter.low(at - 1) == "của" or (letter.unmarked and letter.folded(at - 1) == "cua")
    return of_somebody and (low in ORDER or (run == 1 and _alone(letter, at) and low in CAPITAL_GIVEN))


def _introduced(letter: Letter, at: int, run: int) -> bool | None:
    """Whether a name stands after what says a name; None where nothing of the kind stands there."""
    if not _INTRODUCTION.fullmatch(letter.gap(at)) or (letter.shouts and letter.low(at) not in FAMILIES):
        return None
    phrases, low = letter.phrases(at), letter.low(at)
    if "mang ten" in phrases and bears(letter, at, run):
        return False
    if phrases[:1] == ["ten"] and run > 1 and is_area(letter, at, run) and _NEW_NAME.search(letter.before(at, 30)):
        return False
    if run == 1 and phrases[:1] != ["ten"] and is_nation(letter, at):
        return False
    if run == 1 and letter.capitals(at) and not letter.shouts and len(low) == _SHORT_NAME:
        return False
    if _any_among(phrases, _NAMING):
        initial = phrases[:1] == ["ten"] and not letter.joined(at + 1)
        return (run > 1 or len(low) > 1 or initial) and not office_begins(letter, at) and low not in _NAMED_THINGS
    family = low in _BEGINNING or (low.isascii() and low in BARE_FAMILIES)
    if run > 1 and family and _any_among(phrases, _INTRODUCING):
        if "oi la" in phrases and is_area(letter, at, run):
            return False
        return not letter.capitals(at) or run < _LONGEST
    return None


def names_places(letter: Letter, at: int) -> bool:
    """Whether the sentence is about what streets and places are called: tên đường thì Trần Văn Xã hay Trần Văn Xá."""
    return _NAMES_OF_PLACES.search(letter.before(at, 60)) is not None


def is_a_firm(letter: Letter, at: int, length: int) -> bool:
    """Whether the words end, or go on, with what only shops are called (Hồng Nhung Boutique, Xanh SM), or stand in
    quotation marks after what a shop or a group is."""
    end = at + length
    if letter.gap(at)[-1:] in ('"', "“") and _QUOTED_FIRM.search(letter.before(at, 50)) is not None:
        return True
    if letter.folded(end - 1) in _OF_FIRMS and letter.capital(end - 1):
        return True
    if letter.joined(at) and _FIRM_BEFORE.search(letter.before(at, 50)) is not None:
        return True
    return letter.joined(end) and letter.capital(end) and letter.folded(end) in _OF_FIRMS


def is_a_code(letter: Letter, at: int) -> bool:
    """Whether the word is a piece of a paper's number or of a spelling: QĐ-TTg, T-S-Ầ-N."""
    if letter.gap(at) != "-" and not (len(letter.low(at)) == 1 and letter.after(at, 1) == "-"):
        return False
    return len(letter.low(at)) == 1 or (letter.capitals(at - 1) and letter.gap(at - 1).endswith("/"))


def is_an_article(letter: Letter, at: int, length: int) -> bool:
    """Whether the words end with a law's article, or a place that has a number: Sao Điều 12."""
    return letter.folded(at + length - 1) in _NUMBERED and letter.after(at + length - 1, 2)[1:].isdigit()


def _by_itself(letter: Letter, at: int, run: int) -> bool:
    """Whether the words themselves tell: foreign, a saint's, of the highlands, of syllables that names are made of."""
    low = letter.low(at)
    if (
        names_places(letter, at)
        or is_a_firm(letter, at, run)
        or is_an_article(letter, at, run)
        or is_a_code(letter, at)
    ):
        return False
    if low in _FOREIGN_FIRST and run > 1 and not of_a_thing(letter, at):
        return True
    if low in _SAINTS and run > 1 and letter.folded(at - 1) not in _HOLY:
        return not is_area(letter, at, run)
    if highland.is_highland_name(letter, at, run):
        return not bears(letter, at, run)
    if run == 2 and low in ORDER and not letter.capitals(at) and is_syllable(letter.low(at + 1)):
        no_name = letter.low(at + 1) in _NO_SECOND or office_begins(letter, at) or is_area(letter, at, run)
        return not no_name and not of_a_thing(letter, at)
    return _open(letter, at, run) or _alone_or_full(letter, at, run)


def _alone_or_full(letter: Letter, at: int, run: int) -> bool:
    """Whether a word by itself with a phone, or two or more by their family name, are a name."""
    low = letter.low(at)
    within = letter.joined(at) and letter.capital(at - 1) and letter.joined(at - 1) and letter.low(at - 1) not in TITLES
    within = within and letter.folded(at - 2) != "ben"  # bên B Lê Tám
    if right_after_a_thing(letter, at) or (within and not letter.capitals(at)):
        return False
    if low == "hồ" and run > 2 and is_area(letter, at + 1, run - 1):
        return False
    if run == 1:
        apart = _alone(letter, at) and not (letter.joined(at) and letter.capital(at - 1))
        beside = _WITH_A_PHONE.match(letter.after(at, 40)) or (
            low not in NOT_NAMES
            and _AFTER_PHONE.search(letter.before(at, 24))
            and letter.after(at, 1) in ("", ")", ".", ",")
        )
        return apart and low in CAPITAL_GIVEN and beside is not None and bool(beside)
    return _full(letter, at, run)


def right_after_a_thing(letter: Letter, at: int) -> bool:
    """Whether what a thing is stands right before: sân khấu Hoàng Thái Thanh."""
    return letter.joined(at) and any(
        phrase in THINGS and phrase not in _VERBS_OF_WAY for phrase in letter.phrases(at, marks=True)[:3]
    )


def office_begins(letter: Letter, at: int) -> bool:
    """Whether an office, a post or a place is called by the word and the next: Trung tâm, Trưởng phòng."""
    if not letter.joined(at + 1):
        return False
    if letter.folded(at) in _BEFORE_NO_GIVEN and not letter.capital(at + 1) and letter.folded(at + 1) in _NO_GIVEN:
        return True
    return f"{letter.folded(at)} {letter.folded(at + 1)}" in _OFFICES or _starts_a_place(letter, at)


def _also_a_name(letter: Letter, at: int, run: int) -> bool:
    """Whether a word that mostly begins something else is a name here: ông Đường, tôi, Đoàn Khắc Bạch."""
    low = letter.low(at)
    if (low not in CALLED and low not in FAMILIES) or letter.capitals(at) or office_begins(letter, at):
        return False
    if low in ("trưởng", "phó", "chủ") and letter.joined(at + 1):
        return False
    if letter.joined(at) and (_titled(letter, at) or (run == 2 and low in ("như", "sang") and _is_related(letter, at))):
        return run < 3 or low in FAMILIES
    if run in (3, 4) and low in FAMILIES and not _any_among(letter.phrases(at), PLACE_WORDS):
        return all(letter.low(at + more) in CALLED for more in range(1, run)) and not bears(letter, at, run)
    return run == 1 and _any_among(letter.phrases(at), _NAMING) and letter.gap(at) == " " and low in CALLED


def _initialled(letter: Letter, at: int, run: int) -> bool:
    """Whether a name begins with initials: Q. Huy, N.V. Bình, Tr. M. Khôi."""
    count = 0
    while count < run - 1 and _initial(letter, at + count):
        count += 1
    if not count or letter.low(at + count) in NOT_NAMES or len(letter.low(at + count)) < 2:
        return False
    if letter.joined(at) and (_titled(letter, at) or _is_related(letter, at) or _any_among(letter.phrases(at), ROLES)):
        return True
    if f"{letter.folded(at)} {letter.folded(at + 1)}" in ("t p", "b v", "u b", "t t", "k p", "k h"):
        return False
    signed = letter.low(at - 1) in ("ký", "tên", "là") if letter.joined(at) else False
    return count > 1 or signed or _any_among(letter.phrases(at), _NAMING | _INTRODUCING)


def _is_related(letter: Letter, at: int) -> bool:
    """Whether it is said before what somebody is to others, with or without whose: vợ cũ của tôi."""
    marks = not letter.unmarked
    relations, back = RELATIONS if marks else BARE_RELATIONS, at
    if at > 1 and letter.folded(at - 1) in ("toi", "ruot") and letter.low(at - 2) in TITLES and letter.joined(at - 1):
        return True
    if marks and letter.low(at) in FAMILIES | ORDER:
        owned = (phrase[4:] for phrase in letter.phrases(at, marks=True) if phrase.startswith("chủ "))
        if not THINGS.isdisjoint(owned):
            return True
    for _ in range(4):
        phrases = letter.phrases(back, marks=marks)
        if not relations.isdisjoint(phrases) and phrases[1:2] not in _NO_RELATION:
            return True
        if not (back > 1 and letter.folded(back - 1) in _MODIFIERS and letter.joined(back - 1)):
            return False
        back -= 1
    return False


def _areas(letter: Letter, at: int) -> int:
    """How many words from there are, one after another, what places are called: Phú Bình Tân Phú; 0 where another
    capitalised word goes on."""
    end = at
    while end - at <= _LONGEST_ROW and (count := _area(letter, end)):
        end += count
        if not (letter.joined(end) and letter.capital(end)):
            return end - at
    return 0


def _area(letter: Letter, at: int) -> int:
    """How many capitalised words from there are what one place is called."""
    longest = 1
    while longest < _LONGEST_AREA and letter.joined(at + longest) and letter.capital(at + longest):
        longest += 1
    names = (count for count in range(longest, 1, -1) if " ".join(letter.foldeds[at : at + count]) in areas())
    return next(names, 0)


def is_in_a_row_of_areas(letter: Letter, at: int, length: int) -> bool:
    """Whether the words are a part of three capitalised words or more of what places are called (Trà Cổ Tân Phú), or
    all of them and somebody's post there is told before: trưởng ấp Phú Lợi."""
    first, farthest = at, max(0, at - _LONGEST_ROW)
    while (
        first > farthest and letter.joined(first) and letter.capital(first - 1) and letter.low(first - 1) not in TITLES
    ):
        first -= 1
    if not letter.capital(at) or (letter.joined(first) and letter.low(first - 1) in TITLES):
        return False
    count = _areas(letter, first)
    if count > _SHORT_NAME:
        return True
    last = first == at and count == length and "." not in letter.gap(at) and "," in letter.gap(at)
    return count > 0 and (_any_among(letter.phrases(first), _POSTS) or (last and at + length == letter.size))


def is_within_a_word(letter: Letter, at: int, length: int) -> bool:
    """Whether what may be a name written small is a part of a word of two syllables: chứng chỉ hành nghề."""
    pairs = BARE_PAIRS if letter.unmarked else PAIRS
    first, last, next_ = norm(letter.low(at)), norm(letter.low(at + length - 1)), at + length
    before = letter.low(at - 1) if letter.joined(at) else ""
    if letter.shouts:
        return False
    is_named = before in ("tên", "ten")
    is_titled = before in TITLES or (letter.unmarked and before in BARE_TITLES)
    if not (is_titled or is_named) and f"{before} {first}" in pairs:
        return True
    if first in ORDER and is_titled:
        return False
    if length > _SHORT_NAME or (length == _SHORT_NAME and (is_named or (first in _FAMILIES and is_titled))):
        return False
    if length == _SHORT_NAME and f"{first} {last}" in pairs:
        return True
    if not letter.joined(next_) or letter.capital(next_):
        return False
    after = after_name(letter, next_) if length == 1 else letter.folded(next_) in _AFTER_NAME
    return (not after or letter.low(next_) == "thị") and f"{last} {norm(letter.low(next_))}" in pairs


def begins_doubtfully(letter: Letter, at: int) -> bool:
    """Whether in a letter without marks a family's name and "thi" or "van" may be other words, as nothing before says
    a name: "lam do thi nop o dau"."""
    if letter.capital(at) or not letter.joined(at + 1) or letter.folded(at + 1) not in MIDDLE:
        return False
    if not letter.unmarked:
        is_bare = letter.low(at) == letter.folded(at)
        return is_bare and letter.low(at + 1) in ("thi", "van") and letter.low(at) in FAMILIES
    if letter.low(at) in _SURE_BARE_FAMILIES or letter.low(at) == "tran":
        return False
    before = letter.folded(at - 1) if at else ""
    if letter.joined(at) and before not in _SIGNS_OF_NAMES:
        return True
    length = _small_full(letter, at)
    return length < 3 or f"{letter.low(at + length - 2)} {letter.low(at + length - 1)}" in BARE_PAIRS


def is_area(letter: Letter, at: int, run: int) -> bool:
    """Whether the capitalised words are, or begin with, what a province, district or commune is called."""
    words = [letter.folded(at + more) for more in range(min(run, 3))]
    return any(" ".join(words[:count]) in areas() for count in range(2, len(words) + 1))


def _open(letter: Letter, at: int, run: int) -> bool:
    """Whether capitalised words in the middle of a sentence are a name merely because nothing else is called so: each a
    syllable of names, and no place, street, firm, post or time before or in them."""
    if at == 0 or run > 4 or letter.unmarked or letter.shouts or not _OPEN_GAP.fullmatch(letter.gap(at)):
        return False
    if letter.capital(at - 1) and (letter.gap(at) == " " or letter.capitals(at - 1)):
        return False
    if letter.joined(at + run) and letter.capital(at + run):  # Miếu Ông Cù
        return False
    words = [letter.low(at + more) for more in range(run)]
    serves = is_syllable if run == 1 or (run == 2 and words[0] in ORDER) else _serves
    if any(letter.capitals(at + more) or not serves(words[more]) for more in range(run)) or words[0] in _NO_START:
        return False
    if (
        words[0] in NOT_NAMES
        or office_begins(letter, at)
        or bears(letter, at, run)
        or (run > 1 and is_area(letter, at, run))
    ):
        return False
    if run == 1 and (is_nation(letter, at) or words[0] in ORDER or letter.gap(at) != " "):
        return False
    if f"{letter.folded(at - 1)} {letter.folded(at)}" in _STARTS_OF_PLACES:
        return False
    if is_a_thing_with_the_next(letter, at + run - 1):
        return False
    return not of_a_thing(letter, at)


def is_a_beast(letter: Letter, at: int) -> bool:
    """Whether a dog or a cat is called so: trộm chó, bắn điện con Vàng."""
    if letter.low(at) not in _OF_BEASTS or not letter.joined(at) or letter.low(at - 1) not in ("con", "chó", "mèo"):
        return False
    return not {"chó", "mèo", "cún"}.isdisjoint(letter.lows[max(0, at - 12) : at + 6])


def is_of_clothes(letter: Letter, at: int) -> bool:
    """Whether it is what peasants wear: áo bà ba."""
    is_ba = letter.low(at - 1) in ("bà", "ba") and letter.folded(at) == "ba"
    return is_ba and letter.joined(at) and letter.joined(at - 1) and letter.low(at - 2) in _CLOTHES


def is_of_a_shrine(letter: Letter, at: int) -> bool:
    """Whether a place of worship or a landmark is called by the form of address and the word: miếu ông Hổ."""
    if not (letter.joined(at) and letter.joined(at - 1)):
        return False
    of_a_family = letter.folded(at - 3) == "gia"  # gia đình ông Hổ
    return letter.low(at - 1) in TITLES and letter.low(at - 2) in _SHRINES and not of_a_family


def is_a_thing_with_the_next(letter: Letter, last: int) -> bool:
    """Whether the word and the next, written small, are something else where nobody is addressed: Thanh tra, Mới
    đây."""
    next_ = last + 1
    if letter.joined(last) and letter.low(last - 1) in TITLES:
        return False
    return letter.joined(next_) and letter.folded(next_) in _GOES_ON_AS_THING.get(letter.low(last), ())


def is_a_sentence(letter: Letter, at: int) -> bool:
    """Whether a word stands between two full stops and nobody takes leave before."""
    alone = "." in letter.gap(at) and letter.after(at, 1) in ("", ".", "!", "?", "\n")
    return at > 0 and alone and _THANKS_RIGHT_BEFORE.search(letter.before(at, 40)) is None


def is_nation(letter: Letter, at: int) -> bool:
    """Whether the word is a people or a country: người Hoa, đi Mỹ; not chị Hoa."""
    return letter.low(at) in NATIONS and (letter.low(at) not in CALLED or letter.low(at - 1) in _NATION_BEFORE)


def _serves(word: str) -> bool:
    """Whether names are made of the word."""
    return word in CALLED or word in FAMILIES


_TONES = dict.fromkeys(map(ord, TONES))
_VOWELS = set("aeiouy")
_SYLLABLE = re.compile(
    "(?:ngh?|nh|gh?|ch|kh|ph|th|tr|qu|gi|[bcdđhklmnprstvx])?[aăâeêioôơuưy]{1,3}(?:ch|nh|ng|[cmnpt])?"
)


def is_syllable(word: str) -> bool:
    """Whether a word in lower case is a Vietnamese syllable."""
    return (len(word) > 1 or word == "ý") and _SYLLABLE.fullmatch(
        unicodedata.normalize("NFC", _without_tone(word))
    ) is not None


def _without_tone(word: str) -> str:
    return unicodedata.normalize("NFD", word).translate(_TONES)


def of_a_thing(letter: Letter, at: int) -> bool:
    """Whether a thing is told within the three words before, and nobody after it: quán cà phê sân vườn Hoàng Lan."""
    if letter.gap(at) not in (" ", ' "', " “", " ("):
        return (
            letter.low(at) not in ORDER and letter.low(at) not in FAMILIES and at > 0 and letter.low(at - 1) in THINGS
        )
    if of_place(letter, at):
        return True
    for back in range(at, max(at - 3, 0), -1):
        phrases = letter.phrases(back, marks=True)
        if not THINGS.isdisjoint(phrases[:3]):
            if any(
                phrase in THINGS and letter.low(back - 2 - more) == "chủ" for more, phrase in enumerate(phrases[:3])
            ):
                return False  # chủ vựa phế liệu Lê Tám
            return back == at or phrases[0] not in _VERBS_OF_WAY
        if not letter.joined(back) or letter.low(back - 1) in TITLES or letter.low(back - 1) in _PARTS:
            return False
    return False


def _signed(letter: Letter, at: int, run: int) -> bool:
    """Whether somebody signs there, or says who speaks: Xin cảm ơn. Lê Tám; tui Đa đây; Sáu nè."""
    if not all(letter.low(at + more) in CALLED or letter.low(at + more) in FAMILIES for more in range(run)):
        return False
    after = letter.after(at + run - 1, 24)
    if letter.capitals(at) or office_begins(letter, at) or bears(letter, at, run):
        return False
    thanks = _THANKS_RIGHT_BEFORE.search(letter.before(at, 40)) is not None and at + run == letter.size
    if run > 1 and is_area(letter, at, run):
        return thanks
    if (
        _SPEAKS.match(after)
        and letter.low(at + run) in _SPOKEN
        and (at == 0 or letter.folded(at - 1) in _SELF or letter.gap(at) != " ")
    ):
        return True
    gap = letter.gap(at)
    return (
        at > 0
        and _LETTER_ENDS.fullmatch(after) is not None
        and (
            _closes(letter, at, run)
            or ("\n" in gap and _THANKS.search(letter.before(at, 60)) is not None)
            or _THANKS_RIGHT_BEFORE.search(letter.before(at, 40)) is not None
        )
    )


def _closes(letter: Letter, at: int, run: int) -> bool:
    """Whether two or three words of names are all that stands after the last sentence."""
    ended = at + run == letter.size and any(sign in letter.gap(at) for sign in ".!?\n")
    return ended and 1 < run < _SHORT_NAME + 2 and letter.low(at) not in NOT_NAMES and not of_a_thing(letter, at)


def _related(letter: Letter, at: int, run: int) -> bool:
    """Whether a name stands after what the person is to others: em ruột tôi, Ka Duyên; nạn nhân Lê Tám."""
    gap = letter.gap(at)
    of_many = letter.folded(at - 2) in _OF_MANY
    if letter.joined(at) and letter.folded(at - 1) in _ONLINE and run > 1 and not letter.capitals(at) and not of_many:
        return letter.low(at) not in NOT_NAMES and f"{letter.folded(at)} {letter.folded(at + 1)}" not in _OFFICES
    if not _RELATION_GAP.fullmatch(gap) or office_begins(letter, at) or (letter.capitals(at) and run > 1):
        return False
    if is_nation(letter, at) or not _is_related(letter, at) or bears(letter, at, run):
        return False
    if letter.joined(at) and letter.capital(at - 1) and of_place(letter, at - 1):  # đèo Mẹ Bồng Con
        return False
    if run > 1 and is_area(letter, at, run) and letter.low(at) not in COMMON_FAMILIES:
        return False
    if gap == " ":
        return _called(letter, at, run) and not (at > 1 and letter.capital(at - 1) and letter.capital(at - 2))
    after = letter.after(at + run - 1, 2)
    if gap == " (":
        return after[:1] in ("-", "–", ")", ",") and _called(letter, at, run)
    closed = not after or after[0] in ",().;\n" or after == " ("
    return run > 1 and closed and (letter.low(at) in FAMILIES or letter.low(at) in _OTHER_FIRST)


def _starts_a_place(letter: Letter, at: int) -> bool:
    """Whether a place that looks like a person begins there: Bình Phước, Binh Phuoc; not Thanh Tâm."""
    marked = f"{letter.low(at)} {letter.low(at + 1)}"
    return marked in _STARTS_OF_PLACES if marked.isascii() else norm_pair(marked) in _MARKED_STARTS


def norm_pair(words: str) -> str:
    """Two words with their tones where dictionaries put them."""
    return " ".join(map(norm, words.split(" ")))


def _any_among(phrases: list[str], among: frozenset[str]) -> bool:
    return not among.isdisjoint(phrases)


def _alone(letter: Letter, last: int) -> bool:
    """Whether nothing is joined to the word on its right."""
    return not letter.joined(last + 1)


def _another_capital(letter: Letter, at: int) -> bool:
    """Whether a capitalised word is joined to the one before it."""
    return letter.joined(at) and letter.capital(at)


def _called(letter: Letter, at: int, run: int) -> bool:
    """Whether these may be a name by themselves: family and given, or one given name."""
    if run == 1:
        low = letter.low(at)
        code = letter.capitals(at) and not letter.shouts and _VOWELS.isdisjoint(low)
        foreign = (
            not code
            and low.isascii()
            and len(low) > 3
            and norm(low) not in NOT_NAMES
            and _FOREIGN.search(low) is not None
        )
        return (low in CALLED or foreign) and not (letter.joined(at + 1) and letter.folded(at + 1) in _NO_GIVEN)
    if office_begins(letter, at):
        return False
    return not letter.capitals(at) or letter.folded(at) in BARE_FAMILIES


def _full(letter: Letter, at: int, run: int) -> bool:
    """Whether two or more capitalised words are a full name by their family name."""
    if bears(letter, at, run):
        return letter.joined(at) and letter.low(at - 1) == "của" and letter.low(at) in FAMILIES
    low, ascii_ = letter.low(at), letter.low(at).isascii()
    common = low in COMMON_FAMILIES or (ascii_ and letter.folded(at) in BARE_FAMILIES)
    middle = letter.low(at + 1) in MIDDLE and run > 2
    if letter.capitals(at):  # in a headline all words are capitals
        alone = not letter.joined(at) and _alone(letter, at + run - 1)
        if common and not letter.shouts and run in (3, 4) and _all_called(letter, at + 1, run - 1):
            return True
        return run < _LONGEST and ((middle and (common or low in FAMILIES)) or (common and alone and run == 3))
    if run == 2:
        if _areas(letter, at) == run:  # Ho Nai
            return False
        if low.isascii() and low not in FAMILIES and not letter.unmarked:
            return False  # Vu Lan in a letter with marks
        return common or (low in FAMILIES and _OF_A_PERSON.match(letter.after(at + 1, 12)) is not None)
    return common or low in FAMILIES


def _all_called(letter: Letter, at: int, length: int) -> bool:
    """Whether names are made of each of these words, with marks or without."""
    return all(
        letter.low(word) in CALLED or (letter.low(word).isascii() and letter.folded(word) in BARE_CALLED)
        for word in range(at, at + length)
    )


def _titled(letter: Letter, at: int) -> bool:
    """Whether a form of address stands right before."""
    title, before = letter.low(at - 1), letter.folded(at - 2) if letter.joined(at - 1) else ""
    small = not letter.capital(at - 1) or (
        letter.gap(at - 1) != " " and not _another_capital(letter, at + 1) and title in ("a", "c")
    )
    is_short = title in _SHORT_TITLES and letter.capital(at) and small
    if title not in TITLES and not is_short and not (letter.unmarked and title in BARE_TITLES):
        return False
    if is_of_clothes(letter, at) or letter.words[at] == "KH":
        return False
    if title in ("vợ", "chồng") and is_nation(letter, at):
        return False
    if is_of_a_shrine(letter, at):
        return False
    large_or_bare = letter.capital(at - 1) or letter.unmarked
    if before in ("nga", "thang", "hai", "thu") or (large_or_bare and _starts_a_place(letter, at - 1)):
        return False
    # đường Điểu Ông, xã Anh Sơn
    if not (before and letter.capital(at - 1)):
        return True
    return not letter.capital(at - 2) and not of_a_thing(letter, at - 1)


def _small(letter: Letter, at: int) -> int:
    """How long a name written small is: full after an introduction, or a birth order or a given name alone."""
    if at > 1 and letter.folded(at - 2) in BARE_FAMILIES and bears(letter, at - 2, 3):  # đường phan chu trinh
        return 0
    low, phrases = letter.low(at), letter.phrases(at)
    is_introduced = _INTRODUCTION.fullmatch(letter.gap(at)) and _any_among(phrases, _NAMING)
    if not is_introduced and begins_doubtfully(letter, at):
        return 0
    if letter.joined(at + 1) and letter.joined(at + 2) and not letter.capital(at + 1):
        middle = letter.low(at + 1) in MIDDLE and letter.folded(at + 2) not in NO_MIDDLE
        rare = not low.isascii() and low not in COMMON_FAMILIES
        middle = middle and not (rare and letter.low(at + 1).isascii() and not letter.unmarked)
        common = low in COMMON_FAMILIES or (low.isascii() and low in BARE_FAMILIES)
        common = common or (middle and (low == "ng" or (low in FAMILIES and not low.isascii())))
        if middle and not common and low in _ALL_BARE_FAMILIES and letter.folded(at + 2) in BARE_CALLED:
            common = bool(is_introduced) or (letter.gap(at) in (" ", ", ", ": ") and _is_related(letter, at))
        if common and (middle or is_introduced) and not _any_among(phrases, PLACE_WORDS):
            return 0 if bears(letter, at, 4) and not is_introduced else _small_full(letter, at)
    is_given_name = low in GIVEN_NAMES or low in _BARE_GIVEN
    if is_given_name and letter.joined(at) and (phrases[0] == "ten" or phrases[1:2] == ["ten la"]):
        return 1
    if (called := _small_called(letter, at)) > 1:
        return called
    titled = letter.joined(at) and _titled(letter, at) and letter.folded(at - 1) in _BARE_TITLES_OF_SMALL
    if not titled:
        return called
    if low == "cả" and letter.folded(at + 1) in _SELF | {"cua", "nha", "ten"}:  # anh cả tôi
        return 0
    if low in ORDER:
        after = letter.low(at + 1) if letter.joined(at + 1) else ""
        if (after in _NO_ORDER_BEFORE and not letter.capital(at + 1)) or (
            after in ORDER and not letter.capital(at + 1)
        ):
            return 0
        return 1 + int(bool(after) and (letter.capital(at + 1) or after in _NICKNAMES or _is_byname(letter, at + 1)))
    return int(is_given_name)


def _is_byname(letter: Letter, at: int) -> bool:
    """Whether a word written small after somebody's order of birth goes with it: ông bảy lưới, bà năm trâu."""
    low = letter.low(at)
    if not is_syllable(low) or after_name(letter, at) or low in TITLES or low in _NO_BYNAME:
        return False
    if OFTEN.get(low, 0) < _IN_EVERY_LETTER and (not letter.unmarked or low not in COMMON or low in BARE_CALLED):
        return True
    return low in _CALLED_BARE_TOO and _COUNTED_OR_ENDED.match(letter.after(at, 3)) is not None


def _small_called(letter: Letter, at: int) -> int:
    """How long a name written small is that stands after a form of address, a relation or what names somebody."""
    is_named = _INTRODUCTION.fullmatch(letter.gap(at)) is not None and _any_among(letter.phrases(at), _NAMING)
    is_addressed = (
        letter.joined(at)
        and not is_named
        and (letter.low(at - 1) in _ALL_TITLES or _is_related(letter, at) or _any_among(letter.phrases(at), ROLES))
    )
    if not (is_named or is_addressed) or of_place(letter, at):
        return 0
    length = _small_run(letter, at)
    if length > 1 and (letter.low(at) in _SURE_FAMILIES or letter.folded(at) in _SURE_BARE_FAMILIES):
        return length
    if length > 2 and letter.low(at) in FAMILIES - COMMON and not letter.unmarked and not bears(letter, at, length):
        return length
    syllables, low = _BARE_GIVEN if letter.unmarked else GIVEN_NAMES, letter.low(at)
    titled = is_addressed and letter.low(at - 1) in _ALL_TITLES
    if titled and length > 1 and low in syllables and _is_second_given(letter, at + 1):
        return 2
    if titled and length > 2 and low in _BARE_GIVEN and all(letter.low(at + more).isascii() for more in range(length)):
        return length
    if titled and not is_named and _is_called_small(letter, at):
        two = length > 1 and letter.low(at + 1) in CAPITAL_GIVEN and letter.low(at + 1) not in NO_NAMES_OF_SMALL
        return 2 if two and _ends(letter, at + 1) else 1
    if is_named:
        return int(length == 1 and low not in NOT_NAMES and _ends(letter, at) and _names_itself(letter, at))
    return int(low in syllables and length == 1 and _ends(letter, at) and _any_among(letter.phrases(at), ROLES))


def _is_second_given(letter: Letter, at: int) -> bool:
    """Whether a name of two syllables written small ends with the word: em thuỷ tiên."""
    if letter.unmarked or letter.low(at) not in CAPITAL_GIVEN or not _ends(letter, at):
        return False
    return f"{letter.low(at - 1)} {letter.low(at)}" not in _QUALITIES


def _is_called_small(letter: Letter, at: int) -> bool:
    """Whether a single word written small after a form of address is a name merely because no other word stands there:
    ông hòa, chị sương."""
    low, title = letter.low(at), letter.low(at - 1)
    strange = low not in COMMON and is_syllable(low)
    if (
        letter.unmarked
        or title not in _GROWN
        or not (low in CALLED or strange)
        or low in NO_NAMES_OF_SMALL
        or low in NOT_NAMES
    ):
        return False
    before = letter.low(at - 2) if at > 1 and letter.joined(at - 1) else ""
    return (
        before not in _NO_TITLE_BEFORE
        and f"{low} {letter.low(at + 1) if letter.joined(at + 1) else ''}" not in _QUALITIES
    )


def _ends(letter: Letter, at: int) -> bool:
    """Whether no word that may belong to it is joined to the word on its right."""
    return not letter.joined(at + 1) or letter.folded(at + 1) in _AFTER_NAME or letter.low(at + 1) in _MARKED_AFTER_NAME


def _names_itself(letter: Letter, at: int) -> bool:
    """Whether the word stands after what says somebody's own name, and is none that stands after "tên" else."""
    if letter.folded(at) in _NOT_CALLED:
        return False
    phrases = letter.phrases(at)
    return (phrases[0] == "ten" and (len(phrases) == 1 or phrases[1] in _OWN_NAME)) or (
        phrases[0] == "la" and any(phrase.startswith(("ten ", "ho ten ")) for phrase in phrases[1:])
    )


def _small_run(letter: Letter, at: int) -> int:
    """How many words from there, up to four, may be a name written small."""
    length = 0
    while length < 4 and at + length < letter.size and (length == 0 or letter.joined(at + length)):
        low = letter.low(at + length)
        called = low in CALLED or low in FAMILIES or (low.isascii() and low in BARE_CALLED)
        if not called or (length and letter.folded(at + length) in _AFTER_NAME):
            break
        length += 1
    return length


def after_name(letter: Letter, at: int) -> bool:
    """Whether the sentence goes on there after a name written small."""
    return letter.folded(at) in _AFTER_NAME or letter.low(at) in _MARKED_AFTER_NAME


def _small_full(letter: Letter, at: int) -> int:
    length = 1
    while length < 4 and letter.joined(at + length):
        counted = _NUMBER_NEXT.match(letter.after(at + length, 3)) is not None
        last = letter.low(at + length) in BARE_CALLED and not letter.joined(at + length + 1) and not counted
        if length > 1 and after_name(letter, at + length) and not last:
            break
        length += 1
    return length if length > 1 else 0
