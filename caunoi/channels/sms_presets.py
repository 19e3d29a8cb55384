"""Presets for the gateways most provinces have a contract with; an inbox can override every line."""

import json

CUSTOM = {
    "method": "POST",
    "format": "json",
    "numbers": "84",
    "body": json.dumps({"to": "{to}", "text": "{text}", "id": "{id}", "from": "{brand}"}),
    "delivered": r"^(delivered|delivrd|success|successful|ok)$",
    "failed": r"^(undeliv\w*|failed|failure|fail|rejected|rejectd|expired|deleted|unknown|error|blocked)$",
}

FPT = {
    "url": "https://api01.sms.fpt.net/api/push-brandname-otp",
    "token_url": "https://api01.sms.fpt.net/oauth2/token",
    "token_body": json.dumps(
        {
            "grant_type": "client_credentials",
            "client_id": "{user}",
            "client_secret": "{password}",
            "scope": "send_brandname_otp",
            "session_id": "{session}",
        }
    ),
    "body": json.dumps(
        {
            "access_token": "{token}",
            "session_id": "{session}",
            "BrandName": "{brand}",
            "Phone": "{to}",
            "Message": "{text64}",
            "RequestId": "{id}",
        }
    ),
    "success": "MessageId ~ .",
    "id_path": "MessageId",
    "numbers": "84",
    "expired": '~ invalid_token|access[ _]?token[^"]*(expired|invalid|not valid)',
}
"""JSON, a client's token beforehand, the text in base64."""

VIETTEL = {
    "url": "http://apismsbrand.viettel.vn:8998/bulkapi",
    "format": "xml",
    "headers": 'SOAPAction: ""',
    "body": (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:impl="http://impl.bulkSms.ws/"><soapenv:Header/><soapenv:Body><impl:wsCpMt>'
        "<User>{user}</User><Password>{password}</Password><CPCode>{cpcode}</CPCode><RequestID>{id}</RequestID>"
        "<UserID>{to}</UserID><ReceiverID>{to}</ReceiverID><ServiceID>{brand}</ServiceID>"
        "<CommandCode>bulksms</CommandCode><Content>{text}</Content><ContentType>{unicode}</ContentType>"
        "</impl:wsCpMt></soapenv:Body></soapenv:Envelope>"
    ),
    "success": "~ <result>1</result>",
    "numbers": "84",
}
"""SOAP; `cpcode` stands among the further values."""

VNPT = {
    "body": json.dumps(
        {
            "RQST": {
                "name": "send_sms_list",
                "REQID": "{id}",
                "LABELID": "{label}",
                "CONTRACTTYPEID": "1",
                "CONTRACTID": "{contract}",
                "TEMPLATEID": "{template}",
                "PARAMS": [{"NUM": "1", "CONTENT": "{text}"}],
                "SCHEDULETIME": "",
                "MOBILELIST": "{to}",
                "ISTELCOSUB": "0",
                "AGENTID": "{agent}",
                "APIUSER": "{user}",
                "APIPASS": "{password}",
                "USERNAME": "{username}",
                "DATACODING": "{coding}",
            }
        }
    ),
    "success": "RPLY.ERROR = 0",
    "numbers": "84",
}
"""JSON with an approved template of one parameter; label, contract, template, agent, username are further values."""

PRESETS = {"custom": CUSTOM, "fpt": FPT, "viettel": VIETTEL, "vnpt": VNPT}

FIELDS = {
    "from": ("from", "sender", "phone", "msisdn", "userid", "mobile", "source", "isdn", "phonenumber"),
    "text": ("text", "message", "content", "body", "moseq", "info"),
    "id": ("id", "messageid", "moid", "smsid", "msgid", "requestid"),
    "reference": ("reference", "clientid", "clientref", "requestid", "reqid", "trackingid"),
    "status": ("status", "dlr", "dlrstatus", "state", "deliverystatus", "messagestatus"),
    "time": ("time", "timestamp", "receivedat", "senttime", "deliverytime"),
}
"""Our names of what comes in, and what gateways call it (lower case, without _ and -)."""
