"""What names of columns usually mean: roles, personal data, prohibited bases. Words, not values.

A name is compared as its words (Trans_dateTime -> trans, date, time) and squashed (transdatetime).
The lists come from the public data sets and export formats that people have.
"""

from __future__ import annotations

import re

ID = re.compile(
    r"(tx|trans|transaction|trx|txn|event|order|claim|application|loan|payment|operation|invoice|record|row|"
    r"case)?(id|num|number|no|ref|reference|uuid|key|index)|unnamed0|uuid|guid|rowid"
)
TIME = (
    r"(transdatetranstime|(tx|trans|transaction|trx|txn|event|purchase|order|payment|operation)"
    r"(date|time|datetime|timestamp|ts|dt|at|on)+)",
    r"(datetime|timestamp|timestamps|datetimestamp|eventts|occurredat|occuredat|createdat|creationdate)",
    r"((incident|accident|loss|claim|application|issue|approval|disbursement|request|start)(date|time|d|dt)+)",
    r"(date|time|day|ts|dateandtime|timedate|unixtime|epoch|unixtimestamp|issued|datum|fecha|zeitpunkt)",
    r"(step|timestep|seconds|secs|timeseconds|txtimeseconds|hours|elapsedseconds|.*(date|datetime|timestamp))",
    r"(period|week|weeknumber|txtimedays|dayindex|month|quarter)",
)
NOT_THE_TIME = re.compile(
    r"birth|dob|sign.?up|regist|bind|expir|valid|open|effective|incept|last|prev|updat|report|charge.?back|"
    r"since|elapsed.?(days)|duration|spent|between|lag|avg|mean|median|due|end|settle|join|account|label|clos"
)
LABEL = (
    r"(is|tx|target|potential|confirmed|actual)?fraud(ulent|ulence)?"
    r"(flag|label|bool|found|foundp|reported|ind|indicator|transaction|class|yn|case|status|target)?",
    r"(ist|es|est|e)?(betrug|fraude|fraudulent[oae]|frode)",
    r"(is)?(moneylaundering|laundering|chargeback|suspicious|illicit|anomaly|scam|fraudster|abuse|malicious)"
    r"(flag|label)?",
    r"(class|classlabel|label|labels|target|targetflag|isbad|bad|badflag|badloan|goodbad|(is)?default(ed)?|"
    r"defaultpayment(nextmonth)?|loandefault|seriousdlqin2yrs|creditability|creditrisk|risk|outcome|y)",
    r"(loanstatus|creditstatus|status|response|result|classification|decision|type)",
)
LABEL_TIME = re.compile(
    r"(fraud|chargeback|label|confirm|detect|report|dispute|charged?off|default|investigat)\w*"
    r"(date|time|datetime|timestamp|at|on)"
)
ENTITY = (
    r"(cc|card|creditcard|pan)(num|number|no|id|token|hash|holderid)?|ccnum|cardnumberhash|maskedcard",
    r"(customer|cust|client|cardholder|payer|sender|orig|originator|from|source|src|debtor)"
    r"(id|num|number|no|key|account|acct|accountid|accountnumber|acctid)?|nameorig|origacct|fromacc",
    r"(kunde|kunden|konto|karte|karten|cliente|client|cuenta|compte|carte|tarjeta|conto)(n?nummer|nr|id|num|numero)?",
    r"(user|account|acct|acc|member|wallet|policyholder|insured|borrower|applicant|holder|subscriber|msisdn)"
    r"(id|num|number|no|key|name)?",
    r"card1|policy(id|number|no)|device",
)
NAMES_ONE = re.compile(r"(id|num|number|no|key|token|account|acct|hash)$")
COUNTERPARTY = (
    r"(merchant|mer|merch|receiver|recipient|beneficiary|bene|payee|dest|destination|to|creditor|counterparty)"
    r"(id|num|number|no|key|name|account|acct|accountid|accountnumber|acctid)?|namedest|destacct|beneacct|toacc",
    r"(h(ae)?ndler|empf(ae)?nger|comercio|commercant|marchand|esercente)(nummer|nr|id|name)?",
    r"(terminal|store|shop|vendor|seller|provider|pos|atm|retailer|garage|doctor|repairer)(id|num|number|no|name)?",
)
DEVICE = (
    r"(device|hardware|browser|imei|mac|machine|cookie|session)(id|fingerprint|address|hash|number|token|uuid)",
    r"(ger(ae)?t|dispositivo|appareil)(e?id|nummer|nr)?",
    r"(device|fingerprint|imei|ip|ipaddress|ipaddr|clientip|userip|sourceip|ipv4)",
)
AMOUNT = (
    r"(tx|trans|transaction|trx|txn|payment|purchase|order)?(amount|amt)(usd|eur|gbp|inr|local|paid|sent)?",
    r"(tx|trans|transaction|trx|payment|purchase|order|paid|total)(value|total|price|sum|amount|amt)(usd|eur)?",
    r"(total)?claim(amount|amt|value|total)|totalclaimamount|claimed|(total|amount)?(billed|charged)",
    r"(credit|loan|funded|requested|application|disbursed|principal)(amount|amt|amnt|sum|value)|amtcredit|loan",
    r"(amount|amt|value|price|sum|total|montant|importe|betrag|valor)",
    r"amount\w+|\w+amount",
)
LATITUDE = re.compile(r"(?P<whose>.*?)(lat|latitude)")
LONGITUDE = re.compile(r"(?P<whose>.*?)(long|longitude|lng|lon)")
EVENT_PLACES = ("merch", "merchant", "tx", "trans", "transaction", "event", "pos", "terminal", "")
WEIGHT = re.compile(r"(sample|case|row|instance|obs|observation|training)weights?|samplingweight")

PERSONAL = (
    (re.compile(r"first|last|middle|(first|last|middle|given|family|sur|full|maiden|fore)names?|surname"),
     "a person's name"),
    (re.compile(r"(customer|client|cust|holder|cardholder|card\w*holder|account\w*holder|applicant|user|person|"
                r"owner|insured|claimant|borrower|sender|receiver|beneficiary|employee|contact|payer|payee)?name"
                r"(of\w+)?"),
     "a person's name"),
    (re.compile(r"\w*(e?mail|emailaddress|emailaddr|mailaddress)"), "an e-mail address"),
    (re.compile(r"\w*(phone|telephone|mobile|tel|cell|msisdn|fax)(number|num|no)?\d?"), "a telephone number"),
    (re.compile(r"(street|streetname|(home|postal|street|billing|shipping|mailing|residential)?address"
                r"(line)?\d?|addressline\d?|house(number|no))"),
     "a street address"),
    (re.compile(r"\w*(dob|dateofbirth|birthdate|birthday|birthdt|datebirth)"), "a date of birth"),
    (re.compile(r"(ssn|socialsecurity\w*|passport\w*|nationalid\w*|taxid|tin|nino|aadhaar\w*|cpf|dni|curp|"
                r"driver\w*licen[cs]e\w*|licen[cs]enumber|iban)"),
     "an official number"),
)  # fmt: skip
PROHIBITED = (
    (re.compile(r"\b(sex|gender)\b"), "sex"),
    (re.compile(r"\b(race|ethnic\w*|skin|colou?r of)\b"), "race"),
    (re.compile(r"\b(religio\w*|faith|denomination)\b"), "religion"),
    (re.compile(r"\b(marital|married|marriage|spouse|civil (status|state)|family status|personal status|"
                r"relationship status)"),
     "marital status"),
    (re.compile(r"\b(national(ity|ities|s)?|citizen\w*|foreign (worker|born|national)|foreigner|immigra\w*|"
                r"native country|(country|place) of birth|birth (country|place)|birthplace)\b"),
     "nationality"),
)  # fmt: skip
MALE = frozenset({"m", "male", "man"})
FEMALE = frozenset({"f", "female", "woman"})
MARITAL = frozenset(
    {"married", "single", "divorced", "widowed", "separated", "never married", "widow", "husband", "wife"}
)
AGE = re.compile(r"\b(age|ages|years old|birth|dob)\b")
NOT_AN_AGE = re.compile(
    r"\b(vehicle|car|account|policy|card|device|house|company|of account|of vehicle|site|"
    r"distinct|unique|count|number of)\b"
)
CREDIT = re.compile(
    r"\b(credit|loan|default|installment|instalment|income|checking|savings|debt|employment|mortgage|"
    r"applicant|delinq\w*|borrower|duration|dti|fico|housing|revol\w*|limit bal|employed|annuity|scorecard)\b"
)
ABOUT_CREDIT = re.compile(
    r"\b(default(ed)? payment|defaulted|loan|serious ?dlqin|delinquent|creditability)|^default$"
)
OPINION = re.compile(r"fraud|flagged|chargeback|launder|suspicio|is scam|predict|blocked by")
ABOUT_THE_PAST = re.compile(
    r"past|prev|prior|hist|count|num|rate|freq|share|ratio|days|ago|before|amount|score|avg"
)
IDENTIFIER = re.compile(
    r"\b(id|ids|uuid|guid|hash|token|number|num|no|key|ref|reference|serial|address|name|ip)\b"
)
NOT_A_CODE = re.compile(
    r"\b(count|counts|months?|days?|years?|amount|score|rate|ratio|avg|mean|sum|total|velocity)\b"
)
CODE = re.compile(
    r"\b(id|code|codes|zip|zipcode|postcode|postal|mcc|branch|region|bin|cat|category|type|bank|naics|sic|fips)\b"
)


def words(name: str) -> str:
    """The words of a name, in lower case, separated by spaces.

    >>> words("Trans_dateTime"), words("CODE_GENDER")
    ('trans date time', 'code gender')
    """
    split = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.sub(r"[^a-z0-9]+", " ", split.lower()).strip()


def squashed(name: str) -> str:
    """The letters and digits of a name, in lower case."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def rank(name: str, patterns: tuple[str, ...]) -> int | None:
    """How well a name fits ordered patterns: the number of the first that matches it whole, or None."""
    plain = squashed(name)
    for number, pattern in enumerate(patterns):
        if re.fullmatch(pattern, plain):
            return number
    return None
