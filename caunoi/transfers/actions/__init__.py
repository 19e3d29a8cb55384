from caunoi.transfers.actions.arriving import CHANNEL as CHANNEL
from caunoi.transfers.actions.arriving import OUTSIDE as OUTSIDE
from caunoi.transfers.actions.arriving import hear as hear
from caunoi.transfers.actions.arriving import reject as reject
from caunoi.transfers.actions.arriving import send_back as send_back
from caunoi.transfers.actions.leaving import offer as offer
from caunoi.transfers.actions.leaving import recall as recall
from caunoi.transfers.actions.sending import send_all as send_all
