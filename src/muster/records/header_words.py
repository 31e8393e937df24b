"""MAP: canonical fields, and the words people put over such a column, in the languages we have met.

Words are written as `headers.normalised` leaves them: lower case, without accents, single spaces.
"""

from typing import Final

HEADER_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "business_email": (
        "business email", "work email", "company email", "corporate email", "professional email", "office email",
        "email work", "email business", "business e mail", "work e mail", "e mail geschaftlich", "geschaftliche email",
        "email geschaftlich", "dienstliche email", "firmen email", "email professionnel", "email pro", "courriel professionnel",
        "correo profesional", "email profesional", "correo corporativo", "email aziendale", "email lavoro",
        "email profissional", "email comercial", "zakelijk email", "zakelijke email", "email zakelijk", "email sluzbowy",
        "jobb email", "arbetsmail", "is e posta", "рабочая почта", "рабочий email", "会社メール", "工作邮箱", "公司邮箱",
    ),
    "personal_email": (
        "personal email", "private email", "home email", "email personal", "email private", "email home",
        "private e mail", "personal e mail", "e mail privat", "email privat", "private mail", "email personnel",
        "courriel personnel", "correo personal", "email personale", "email privata", "email pessoal", "prive email",
        "email prive", "email prywatny", "privat email", "kisisel e posta", "личная почта", "личный email",
        "個人メール", "个人邮箱",
    ),
    "email": (
        "email", "e mail", "mail", "email address", "e mail address", "mail address", "emailaddress", "email addr",
        "contact email", "primary email", "email 1", "email1", "e mail 1 value", "e mail adresse", "email adresse",
        "mailadresse", "adresse email", "adresse e mail", "adresse mail", "courriel", "correo", "correo electronico",
        "direccion de correo", "direccion de correo electronico", "posta elettronica", "indirizzo email",
        "indirizzo e mail", "endereco de email", "endereco de e mail", "correio eletronico", "e mailadres", "emailadres",
        "mailadres", "adres email", "adres e mail", "poczta", "e postadress", "epost", "e post", "e postadresse",
        "epostadresse", "mejl", "sahkoposti", "e posta", "eposta", "e posta adresi", "email cim", "электронная почта",
        "почта", "эл почта", "имейл", "メール", "メールアドレス", "eメール", "电子邮件", "邮箱", "电子邮箱", "電子郵件", "이메일",
    ),
    "domain": (
        "domain", "domain name", "email domain", "web domain", "root domain", "domane", "domaine", "nom de domaine",
        "dominio", "nome a dominio", "domein", "domena", "doman", "domene", "домен", "ドメイン", "域名", "도메인",
    ),
    "company_domain": (
        "company domain", "company domain name", "account domain", "organization domain", "organisation domain",
        "firmen domain", "unternehmensdomain", "domaine entreprise", "domaine de l entreprise", "dominio de la empresa",
        "dominio empresa", "dominio aziendale", "dominio da empresa", "bedrijfsdomein", "домен компании", "会社ドメイン", "公司域名",
    ),
    "full_name": (
        "name", "full name", "fullname", "contact name", "contact", "person", "display name", "vollstandiger name",
        "ansprechpartner", "kontakt", "nom complet", "nom et prenom", "prenom et nom", "nombre completo",
        "nombre y apellidos", "nome completo", "nome e cognome", "volledige naam", "naam", "imie i nazwisko",
        "fullstandigt namn", "namn", "navn", "koko nimi", "ad soyad", "adi soyadi", "фио", "полное имя", "имя и фамилия",
        "氏名", "名前", "姓名", "이름",
    ),
    "first_name": (
        "first name", "firstname", "first", "fname", "given name", "givenname", "forename", "vorname", "rufname",
        "prenom", "nombre", "nombre de pila", "primer nombre", "nome", "primeiro nome", "voornaam", "imie", "fornamn",
        "fornavn", "etunimi", "ad", "adi", "isim", "keresztnev", "jmeno", "имя", "名", "ファーストネーム",
    ),
    "last_name": (
        "last name", "lastname", "last", "lname", "surname", "family name", "familyname", "nachname", "familienname",
        "zuname", "nom", "nom de famille", "apellido", "apellidos", "primer apellido", "cognome", "sobrenome",
        "ultimo nome", "apelido", "achternaam", "familienaam", "nazwisko", "efternamn", "etternavn", "efternavn",
        "sukunimi", "soyad", "soyadi", "vezeteknev", "prijmeni", "фамилия", "姓", "苗字",
    ),
    "job_title": (
        "job title", "jobtitle", "title", "position", "role", "job", "job position", "occupation", "job role", "headline",
        "berufsbezeichnung", "funktion", "stelle", "jobtitel", "poste", "fonction", "intitule du poste", "cargo",
        "puesto", "titulo", "ruolo", "posizione", "qualifica", "funcao", "functie", "functietitel", "stanowisko",
        "befattning", "stilling", "titel", "unvan", "pozisyon", "должность", "役職", "职位", "职务", "직책",
    ),
    "department": (
        "department", "dept", "team", "division", "abteilung", "bereich", "departement", "service", "departamento",
        "area", "reparto", "dipartimento", "setor", "afdeling", "dzial", "avdelning", "avdeling", "bolum", "отдел", "部署", "部门",
    ),
    "company_name": (
        "company", "company name", "companyname", "organization", "organisation", "organization name",
        "organisation name", "account", "account name", "employer", "business", "business name", "firm", "firma",
        "firmenname", "unternehmen", "unternehmensname", "betrieb", "entreprise", "societe", "nom de l entreprise",
        "nom entreprise", "raison sociale", "organisme", "empresa", "compania", "nombre de la empresa", "razon social",
        "organizacion", "azienda", "societa", "ragione sociale", "nome azienda", "nome da empresa", "razao social",
        "bedrijf", "bedrijfsnaam", "nazwa firmy", "foretag", "foretagsnamn", "virksomhed", "bedrift", "yritys",
        "sirket", "sirket adi", "firma adi", "компания", "организация", "название компании", "会社", "会社名", "企業名", "公司",
        "公司名称", "企业名称", "회사", "회사명",
    ),
    "industry": (
        "industry", "sector", "branch", "vertical", "line of business", "branche", "industrie", "wirtschaftszweig",
        "secteur", "secteur d activite", "industria", "sector de actividad", "rubro", "settore", "setor de atividade",
        "ramo", "bedrijfstak", "branza", "bransch", "bransje", "sektor", "отрасль", "業種", "業界", "行业", "업종",
    ),
    "employees": (
        "employees", "employee count", "number of employees", "no of employees", "num employees", "headcount",
        "company size", "staff", "mitarbeiter", "mitarbeiterzahl", "anzahl mitarbeiter", "beschaftigte", "effectif",
        "effectifs", "nombre d employes", "nombre de salaries", "empleados", "numero de empleados", "dipendenti",
        "numero di dipendenti", "funcionarios", "numero de funcionarios", "werknemers", "aantal medewerkers", "pracownicy",
        "liczba pracownikow", "anstallda", "antall ansatte", "calisan sayisi", "сотрудники", "число сотрудников", "従業員数", "员工人数",
    ),
    "revenue": (
        "revenue", "annual revenue", "turnover", "sales", "umsatz", "jahresumsatz", "chiffre d affaires", "ca",
        "ingresos", "facturacion", "fatturato", "receita", "faturamento", "omzet", "przychody", "omsattning", "omsetning",
        "ciro", "выручка", "売上", "营收",
    ),
    "phone": (
        "phone", "phone number", "telephone", "telephone number", "tel", "tel no", "phone 1", "phone1", "work phone",
        "business phone", "office phone", "telefon", "telefonnummer", "rufnummer", "telefon geschaftlich", "numero de telephone",
        "tel fixe", "telefono", "numero de telefono", "numero di telefono", "telefone", "numero de telefone", "telefoon",
        "telefoonnummer", "numer telefonu", "puhelin", "puhelinnumero", "telefon numarasi", "телефон", "номер телефона",
        "電話", "電話番号", "电话", "电话号码", "전화", "전화번호",
    ),
    "mobile_phone": (
        "mobile", "mobile phone", "mobile number", "cell", "cell phone", "cellphone", "cell number", "handy",
        "handynummer", "mobil", "mobilnummer", "mobiltelefon", "portable", "tel portable", "telephone portable", "movil",
        "telefono movil", "celular", "cellulare", "telemovel", "mobiel", "mobiel nummer", "komorka", "telefon komorkowy",
        "matkapuhelin", "cep", "cep telefonu", "мобильный", "мобильный телефон", "携帯", "携帯電話", "手机", "手机号", "휴대폰",
    ),
    "website": (
        "website", "web site", "web", "homepage", "home page", "url", "company website", "company url", "webseite",
        "internetseite", "internet", "site web", "site internet", "site", "sitio web", "pagina web", "sito web", "sito",
        "pagina da web", "strona www", "strona internetowa", "www", "hemsida", "nettside", "verkkosivu", "web sitesi",
        "сайт", "веб сайт", "ウェブサイト", "ホームページ", "网站", "网址", "홈페이지",
    ),
    "linkedin_url": (
        "linkedin", "linkedin url", "linkedin profile", "linkedin profile url", "person linkedin url", "profile url",
        "linkedin link", "linkedin profil", "profil linkedin", "perfil de linkedin",
    ),
    "street": (
        "street", "street address", "address", "address 1", "address1", "address line 1", "addr", "mailing street",
        "strasse", "straße", "anschrift", "adresse", "strasse und hausnummer", "rue", "voie", "direccion", "calle", "domicilio",
        "indirizzo", "via", "endereco", "rua", "morada", "straat", "adres", "ulica", "gata", "gatuadress", "gateadresse",
        "vej", "katuosoite", "osoite", "sokak", "адрес", "улица", "住所", "地址", "주소",
    ),
    "postal_code": (
        "postal code", "postcode", "post code", "zip", "zip code", "zipcode", "plz", "postleitzahl", "code postal", "cp",
        "codigo postal", "cap", "codice postale", "cep postal", "codigo de endereco postal", "kod pocztowy", "postnummer",
        "postnr", "postinumero", "posta kodu", "iranyitoszam", "psc", "индекс", "почтовый индекс", "郵便番号", "邮编", "邮政编码", "우편번호",
    ),
    "city": (
        "city", "town", "locality", "mailing city", "stadt", "ort", "ville", "commune", "localite", "ciudad", "poblacion",
        "localidad", "citta", "comune", "cidade", "stad", "plaats", "woonplaats", "miasto", "miejscowosc", "ort postort",
        "postort", "by", "poststed", "kaupunki", "sehir", "il", "varos", "mesto", "город", "市", "都市", "市区町村", "城市", "도시",
    ),
    "state": (
        "state", "region", "province", "county", "state province", "mailing state", "bundesland", "kanton", "provincia",
        "estado", "comunidad autonoma", "regione", "uf", "provincie", "wojewodztwo", "lan", "fylke", "maakunta", "eyalet",
        "область", "регион", "都道府県", "省", "省份",
    ),
    "country": (
        "country", "country name", "country code", "nation", "country region", "mailing country", "land", "staat",
        "landercode", "pays", "code pays", "pais", "paese", "nazione", "stato", "kraj", "maa", "ulke", "orszag", "zeme",
        "страна", "国", "国名", "国家", "国家 地区", "국가",
    ),
    "birth_date": (
        "birth date", "birthdate", "date of birth", "dob", "birthday", "geburtsdatum", "geburtstag", "date de naissance",
        "fecha de nacimiento", "data di nascita", "data de nascimento", "geboortedatum", "data urodzenia", "fodelsedatum",
        "fodselsdato", "syntymaaika", "dogum tarihi", "дата рождения", "生年月日", "出生日期", "생년월일",
    ),
    "language": (
        "language", "preferred language", "locale", "lang", "sprache", "langue", "idioma", "lingua", "taal", "jezyk",
        "sprak", "kieli", "dil", "язык", "言語", "语言", "언어",
    ),
    "gender": (
        "gender", "sex", "geschlecht", "sexe", "genre", "sexo", "genero", "sesso", "genere", "geslacht", "plec", "kon",
        "kjonn", "sukupuoli", "cinsiyet", "пол", "性別", "性别", "성별",
    ),
}  # fmt: skip
