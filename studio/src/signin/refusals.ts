// Why a sign-in with the issuer came back without one; the address carries the code only.

const WORDS: Record<string, string> = {
  oidc_state_mismatch: "That sign-in began in another browser or more than ten minutes ago. Try again.",
  oidc_refused: "Nobody was signed in: the issuer said no, or you turned back there.",
  oidc_email_missing: "The issuer did not say your e-mail address. Ask whoever runs this server to have it sent.",
  oidc_email_unverified: "The issuer has not verified your e-mail address. Verify it there, then try again.",
  oidc_identity_clash: "This e-mail address is tied to another identity at the issuer. Ask whoever runs this server.",
  user_disabled: "This account is disabled. Ask whoever runs this server.",
};

export function wordsOf(code: string): string {
  return WORDS[code] ?? "That sign-in did not work. Try again, or ask whoever runs this server.";
}
