// What can go wrong with a request, in words a person can act on.

export interface Issue {
  row: number | null;
  field: string | null;
  /** Where in the body it is (RFC 6901). */
  pointer: string;
  code: string;
  message: string;
}

/** The server's refusal: its sentence, its stable code and the id to look it up in the request log. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly requestId: string | null,
    readonly issues: readonly Issue[] = [],
  ) {
    super(message);
  }
}

/** No answer at all: the browser is offline, or the server is. */
export class Unreachable extends Error {
  override name = "Unreachable";

  constructor() {
    super("The server does not answer. Check your connection; nothing you entered is lost.");
  }
}

/** The code of an answer that has none, as from a proxy. */
export const UNKNOWN = "unknown";

/** The error an answer stands for; the body is read only when it is JSON. */
export async function errorOf(response: Response): Promise<ApiError> {
  const facts = await bodyOf(response);
  return new ApiError(
    facts.message ?? `The server answered ${response.status} without a reason.`,
    response.status,
    facts.code ?? UNKNOWN,
    facts.request_id ?? response.headers.get("X-Request-Id"),
    facts.errors ?? [],
  );
}

interface ErrorBody {
  message?: string;
  code?: string;
  request_id?: string;
  errors?: Issue[];
}

async function bodyOf(response: Response): Promise<ErrorBody> {
  if (!response.headers.get("Content-Type")?.includes("json")) return {};
  return (await response.json()) as ErrorBody;
}
