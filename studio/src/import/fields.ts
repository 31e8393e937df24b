// MAP: the fields Muster knows, in words for people; the same ones the server guesses (records/header_words.py).

/** At least one of these says who a record is about. */
export const IDENTITY_FIELDS = ["business_email", "personal_email", "email", "domain", "company_domain"] as const;

export const FIELD_LABELS: Record<string, string> = {
  business_email: "Business email",
  personal_email: "Personal email",
  email: "Email",
  domain: "Domain",
  company_domain: "Company domain",
  full_name: "Full name",
  first_name: "First name",
  last_name: "Last name",
  job_title: "Job title",
  department: "Department",
  phone: "Phone",
  mobile_phone: "Mobile phone",
  linkedin_url: "LinkedIn URL",
  birth_date: "Birth date",
  language: "Language",
  gender: "Gender",
  company_name: "Company name",
  industry: "Industry",
  employees: "Employees",
  revenue: "Revenue",
  website: "Website",
  street: "Street",
  postal_code: "Postal code",
  city: "City",
  state: "State or region",
  country: "Country",
};

export const FIELD_GROUPS: { group: string; fields: readonly string[] }[] = [
  { group: "Who it is", fields: IDENTITY_FIELDS },
  {
    group: "Person",
    fields: ["full_name", "first_name", "last_name", "job_title", "department", "phone", "mobile_phone", "linkedin_url", "birth_date", "language", "gender"],
  },
  { group: "Company", fields: ["company_name", "industry", "employees", "revenue", "website"] },
  { group: "Place", fields: ["street", "postal_code", "city", "state", "country"] },
];

export const isKnown = (name: string) => name in FIELD_LABELS;
/** A sentence of the server with the names in it as people read them. */
export const inWords = (sentence: string) => sentence.replaceAll(/`([^`]*)`/g, (_, name: string) => `“${labelOfField(name)}”`);

export const labelOfField = (name: string) => FIELD_LABELS[name] ?? name;
