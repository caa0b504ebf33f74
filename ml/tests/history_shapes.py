"""Small made-up files in the shape of data sets that people have: names and kinds of values, no data."""

from datetime import datetime, timedelta

import numpy as np

ROWS = 400
_START = datetime(2023, 3, 1)


def table(columns: dict[str, list], *, delimiter: str = ",", header: bool = True) -> str:
    """CSV of columns given in order; a name may end in # to stand there twice."""
    lines = [delimiter.join(name.rstrip("#") for name in columns)] if header else []
    lines += [delimiter.join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    return "\n".join(lines) + "\n"


class Made:
    """Columns of ROWS values, the same for the same seed."""

    def __init__(self, seed: int = 1):
        self.random = np.random.default_rng(seed)
        self.fraud = (self.random.random(ROWS) < 0.15).astype(int).tolist()

    def whole(self, low: int, high: int) -> list[int]:
        return self.random.integers(low, high, ROWS).tolist()

    def real(self, scale: float = 1.0, places: int = 4) -> list[float]:
        return np.round(self.random.normal(0, scale, ROWS), places).tolist()

    def money(self, typical: float = 50.0) -> list[str]:
        return [f"{value:.2f}" for value in self.random.lognormal(np.log(typical), 1, ROWS)]

    def one_of(self, *choices: object) -> list:
        return [choices[place] for place in self.random.integers(0, len(choices), ROWS)]

    def ids(self, letter: str, many: int) -> list[str]:
        return [f"{letter}{number}" for number in self.random.integers(10_000, 10_000 + many, ROWS)]

    def unique(self, start: int = 2_987_000) -> list[int]:
        return [start + 7 * number for number in self.random.permutation(ROWS).tolist()]

    def times(self, form: str = "%Y-%m-%d %H:%M:%S") -> list[str]:
        minutes = np.sort(self.random.integers(0, 90 * 1440, ROWS))
        return [(_START + timedelta(minutes=int(minute))).strftime(form) for minute in minutes]

    def sorted_whole(self, low: int, high: int) -> list[int]:
        return np.sort(self.random.integers(low, high, ROWS)).tolist()


def anonymous_cards() -> str:
    m = Made()
    parts = {f"V{n}": m.real() for n in range(1, 6)}
    label = [f'"{value}"' for value in m.fraud]
    return table({'"Time"': m.sorted_whole(0, 172_000), **{f'"{n}"': v for n, v in parts.items()},
                  '"Amount"': m.money(), '"Class"': label})  # fmt: skip


def mobile_money() -> str:
    m = Made()
    return table({"step": m.sorted_whole(1, 90), "type": m.one_of("CASH_OUT", "TRANSFER", "PAYMENT"),
                  "amount": m.money(9_000), "nameOrig": m.ids("C", 10**8), "oldbalanceOrg": m.money(20_000),
                  "newbalanceOrig": m.money(9_000), "nameDest": m.ids("M", 90), "isFraud": m.fraud,
                  "isFlaggedFraud": [0] * ROWS})  # fmt: skip


def shop_transactions() -> str:
    m = Made()
    return table({"TransactionID": m.unique(), "isFraud": m.fraud, "TransactionDT": m.sorted_whole(86_400,
                  9_000_000),
                  "TransactionAmt": m.money(), "ProductCD": m.one_of("W", "H", "C"),
                  "card1": m.whole(1_000, 1_100), "card4": m.one_of("visa", "mastercard", ""),
                  "addr1": m.one_of(315.0, 204.0, ""), "P_emaildomain": m.one_of("gmail.com", "yahoo.com",
                  ""),
                  "C1": m.whole(0, 9), "D1": m.one_of(0.0, 14.0, ""), "M1": m.one_of("T", "F", ""),
                  "DeviceInfo": m.one_of("SAMSUNG SM-G892A", "Windows", "")})  # fmt: skip


def account_openings() -> str:
    m = Made()
    return table({"fraud_bool": m.fraud, "income": m.one_of(0.1, 0.5, 0.9), "name_email_similarity": m.real(),
                  "customer_age": m.one_of(20, 30, 40), "days_since_request": m.real(),
                  "payment_type": m.one_of("AA", "AB"), "zip_count_4w": m.whole(1, 5_000),
                  "velocity_6h": m.real(4_000.0), "employment_status": m.one_of("CA", "CB"),
                  "credit_risk_score": m.whole(-100, 300), "email_is_free": m.one_of(0, 1),
                  "phone_home_valid": m.one_of(0, 1), "bank_months_count": m.whole(-1, 30),
                  "proposed_credit_limit": m.one_of(200, 500), "foreign_request": m.one_of(0, 1),
                  "source": m.one_of("INTERNET", "TELEAPP"), "device_os": m.one_of("linux", "other"),
                  "device_fraud_count": m.one_of(0, 1), "month": m.sorted_whole(0, 8)})  # fmt: skip


def motor_claims() -> str:
    m = Made()
    return table({"months_as_customer": m.whole(0, 480), "age": m.whole(19, 64),
                  "policy_number": m.unique(100_000),
                  "policy_bind_date": [f"19{90 + n % 9}-0{1 + n % 8}-1{n % 9}" for n in range(ROWS)],
                  "policy_annual_premium": m.money(1_200), "insured_zip": m.whole(430_000, 620_000),
                  "insured_sex": m.one_of("MALE", "FEMALE"), "insured_hobbies": m.one_of("chess", "golf"),
                  "insured_relationship": m.one_of("husband", "own-child"),
                  "incident_date": m.times("%d-%m-%Y"),
                  "incident_type": m.one_of("Parked Car", "Vehicle Theft"),
                  "collision_type": m.one_of("Rear", "?"),
                  "incident_hour_of_the_day": m.whole(0, 24), "total_claim_amount": m.money(50_000),
                  "auto_year": m.whole(1995, 2016), "fraud_reported": [("N", "Y")[y] for y in m.fraud],
                  "_c39": [""] * ROWS})  # fmt: skip


def vehicle_policies() -> str:
    m = Made()
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return table({"Month": m.one_of(*months), "WeekOfMonth": m.whole(1, 6), "DayOfWeek": m.one_of("Monday",
                  "Friday"),
                  "Make": m.one_of("Honda", "Ford"), "Sex": m.one_of("Male", "Female"),
                  "MaritalStatus": m.one_of("Single", "Married"), "Age": m.whole(16, 80),
                  "VehiclePrice": m.one_of("20000 to 29000", "more than 69000"), "FraudFound_P": m.fraud,
                  "PolicyNumber": list(range(1, ROWS + 1)), "Deductible": m.one_of(300, 400),
                  "PastNumberOfClaims": m.one_of("none", "1", "2 to 4"), "Year": m.one_of(1994, 1995,
                  1996)})  # fmt: skip


def web_shop() -> str:
    m = Made()
    return table({"user_id": m.unique(22_058), "signup_time": m.times(), "purchase_time":
                  [text.replace("2023", "2024") for text in m.times()], "purchase_value": m.whole(9, 150),
                  "device_id": m.ids("QVPSPJUOCKZAR", 300), "source": m.one_of("SEO", "Ads", "Direct"),
                  "browser": m.one_of("Chrome", "Safari"), "sex": m.one_of("M", "F"), "age": m.whole(18, 70),
                  "ip_address": [f"{value:.5f}" for value in m.random.random(ROWS) * 4e9],
                  "class": m.fraud})  # fmt: skip


def generated_cards() -> str:
    m = Made()
    return table({"User": m.whole(0, 90), "Card": m.whole(0, 4), "Year": m.sorted_whole(2002, 2020),
                  "Month": m.whole(1, 13), "Day": m.whole(1, 28), "Time":
                  [f"{n % 24:02d}:{n % 60:02d}" for n in range(ROWS)],
                  "Amount": [f"${value}" for value in m.money()],
                  "Use Chip": m.one_of("Swipe Transaction", "Online Transaction"),
                  "Merchant Name": [str(n) for n in m.random.integers(-(2**62), 2**62, 60)[m.whole(0, 60)]],
                  "Merchant City": m.one_of("La Verne", "ONLINE"), "Zip": m.one_of("91750.0", ""),
                  "MCC": m.whole(5_300, 5_400), "Errors?": m.one_of("", "Bad PIN"),
                  "Is Fraud?": [("No", "Yes")[y] for y in m.fraud]})  # fmt: skip


def laundering() -> str:
    m = Made()
    return table({"Timestamp": m.times("%Y/%m/%d %H:%M"), "From Bank": m.whole(10, 40),
                  "Account": m.ids("80", 90),
                  "To Bank": m.whole(10, 40), "Account#": m.ids("80", 90), "Amount Received": m.money(),
                  "Receiving Currency": m.one_of("US Dollar", "Euro"), "Amount Paid": m.money(),
                  "Payment Format": m.one_of("Wire", "ACH"), "Is Laundering": m.fraud})  # fmt: skip


def bank_simulation() -> str:
    m = Made()

    def quoted(values: list) -> list[str]:
        return [f"'{value}'" for value in values]

    return table({"step": m.sorted_whole(0, 180), "customer": quoted(m.ids("C", 80)),
                  "age": quoted(m.one_of(1, 2, "U")), "gender": quoted(m.one_of("M", "F", "E")),
                  "zipcodeOri": quoted(["28007"] * ROWS), "merchant": quoted(m.ids("M", 60)),
                  "category": quoted(m.one_of("es_food", "es_travel")), "amount": m.money(),
                  "fraud": m.fraud})  # fmt: skip


def card_defaults() -> str:
    m = Made()
    return table({"ID": list(range(1, ROWS + 1)), "LIMIT_BAL": m.one_of(20_000.0, 50_000.0),
                  "SEX": m.one_of(1, 2),
                  "EDUCATION": m.one_of(1, 2, 3), "MARRIAGE": m.one_of(1, 2), "AGE": m.whole(21, 70),
                  "PAY_0": m.whole(-2, 4), "BILL_AMT1": m.money(5_000), "PAY_AMT1": m.money(500),
                  "default.payment.next.month": m.fraud})  # fmt: skip


def coded_credit() -> str:
    m = Made()
    names = ["A11", "A12", "A14"], ["A34", "A32"], ["A43", "A40"]
    columns = {"a": m.one_of(*names[0]), "b": m.whole(4, 60), "c": m.one_of(*names[1]),
    "d": m.one_of(*names[2]),
               "e": m.whole(300, 15_000), "f": m.one_of("A93", "A92"), "g": m.whole(19, 70),
               "h": [1 + y for y in m.fraud]}  # fmt: skip
    return table(columns, delimiter=" ", header=False)


def lending() -> str:
    m = Made()
    status = ["Charged Off" if y else ("Fully Paid", "Current")[n % 5 == 0] for n, y in enumerate(m.fraud)]
    return table({"id": m.unique(68_000_000), "loan_amnt": m.one_of(3_600.0, 24_700.0, 8_000.0, 9_000.0,
                  500.0, 750.0),
                  "term": m.one_of(" 36 months", " 60 months"),
                  "int_rate": [f"{5 + n % 20}.5%" for n in range(ROWS)],
                  "emp_title": m.one_of("leadman", "Engineer"), "home_ownership": m.one_of("MORTGAGE",
                  "RENT"),
                  "annual_inc": m.money(60_000), "issue_d": m.times("%b-%Y"), "loan_status": status,
                  "purpose": m.one_of("car", "other"), "dti": m.real(9.0), "zip_code": m.one_of("190xx",
                  "577xx"),
                  "earliest_cr_line": [f"Aug-{1980 + n % 30}" for n in range(ROWS)]})  # fmt: skip


def terminals() -> str:
    m = Made()
    times = m.times()
    seconds = [(datetime.fromisoformat(text) - _START).total_seconds() for text in times]
    return table({"TRANSACTION_ID": list(range(ROWS)), "TX_DATETIME": times, "CUSTOMER_ID": m.whole(0, 60),
                  "TERMINAL_ID": m.whole(0, 90), "TX_AMOUNT": m.money(), "TX_TIME_SECONDS": map(int, seconds),
                  "TX_TIME_DAYS": [int(s // 86_400) for s in seconds], "TX_FRAUD": m.fraud,
                  "TX_FRAUD_SCENARIO": [3 * y for y in m.fraud]})  # fmt: skip


def delinquencies() -> str:
    m = Made()
    return table({"": list(range(1, ROWS + 1)), "SeriousDlqin2yrs": m.fraud,
                  "RevolvingUtilizationOfUnsecuredLines": m.real(), "age": m.whole(20, 90),
                  "DebtRatio": m.real(), "MonthlyIncome": m.one_of("NA", 5_400, 3_300),
                  "NumberOfDependents": m.one_of("NA", 0, 1)})  # fmt: skip


def home_loans() -> str:
    m = Made()
    return table({"SK_ID_CURR": m.unique(100_002), "TARGET": m.fraud, "NAME_CONTRACT_TYPE": m.one_of("Cash",
                  "Revolving"),
                  "CODE_GENDER": m.one_of("M", "F"), "CNT_CHILDREN": m.whole(0, 3),
                  "AMT_INCOME_TOTAL": m.money(90_000),
                  "AMT_CREDIT": m.money(300_000), "NAME_FAMILY_STATUS": m.one_of("Married", "Widow"),
                  "DAYS_BIRTH": m.whole(-20_000, -8_000), "DAYS_EMPLOYED": m.whole(-9_000, 0),
                  "EXT_SOURCE_1": m.real()})  # fmt: skip


def continental() -> str:
    m = Made()
    amounts = [f"{1 + n % 9}.{n % 1000:03d},{n % 100:02d}" for n in range(ROWS)]
    return table({"Datum": m.times("%d.%m.%Y"),
                  "Uhrzeit": [f"{n % 24:02d}:{n % 60:02d}" for n in range(ROWS)],
                  "Kundennummer": m.ids("K", 70), "Betrag": amounts, "Filiale": m.one_of("Köln", "Ulm"),
                  "Betrug": [("nein", "ja")[y] for y in m.fraud]}, delimiter=";")  # fmt: skip


def payouts() -> str:
    m = Made()
    times = m.times("%m/%d/%Y %I:%M %p")
    reported = [f"2023-07-{1 + n % 28:02d}" if y else "" for n, y in enumerate(m.fraud)]
    return table({"transaction_ref": [f"{n:08x}-77aa" for n in range(ROWS)], "created_at": times,
                  "sender_account": [f"{10**17 + n % 50}" for n in range(ROWS)],
                  "beneficiary_account": [f"{9 * 10**17 + n % 70}" for n in range(ROWS)],
                  "value": m.money(), "customer_name": [f"Ann Other{n % 50}" for n in range(ROWS)],
                  "email": [f"ann{n % 50}@example.com" for n in range(ROWS)], "mobile_number":
                  [f"+4479460{n % 50:05d}" for n in range(ROWS)], "nationality": m.one_of("PT", "DE"),
                  "ip_address": [f"203.0.113.{n % 200}" for n in range(ROWS)], "risk_flagged": m.fraud,
                  "chargeback_date": reported, "fraud_label": [("legit",
                  "fraud")[y] for y in m.fraud]})  # fmt: skip
