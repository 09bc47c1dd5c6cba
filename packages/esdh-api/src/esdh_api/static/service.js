// Questions to the service. The key travels in a header, and is kept nowhere.

export const FORMATS = [
  { name: "JSON", ending: "json", mediaType: "application/json", tables: "all" },
  { name: "NDJSON", ending: "ndjson", mediaType: "application/x-ndjson", tables: "all" },
  { name: "CSV", ending: "csv", mediaType: "text/csv", tables: "one" },
  { name: "Arrow", ending: "arrows", mediaType: "application/vnd.apache.arrow.stream", tables: "one" },
];

/** What was refused: a stable code, and the sentence of who refused it. */
export class Refused extends Error {
  constructor(sentence, { code = "", status = 0, wait = 0, help = "" } = {}) {
    super(sentence);
    this.code = code;
    this.status = status;
    this.wait = wait;
    this.help = help;
  }
}

/** The path and query of a dataset. */
export function addressOf(kind, parameters) {
  return `/generate/${kind}?${new URLSearchParams(parameters)}`;
}

/** Ask for a dataset in a media type; throws `Refused`. */
export async function ask(kind, parameters, { key, mediaType, signal }) {
  if (!/^[!-~]*$/.test(key)) {
    throw new Refused("a key has no blanks, and only printable ASCII characters", { code: "odd-key" });
  }
  const headers = { Accept: mediaType, ...(key && { Authorization: `Bearer ${key}` }) };
  let response;
  try {
    response = await fetch(addressOf(kind, parameters), { headers, signal, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("the service cannot be reached", { code: "unreachable" });
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

async function refusalOf(response) {
  const facts = { status: response.status, wait: Number(response.headers.get("Retry-After")) || 0 };
  const told = await response.json().catch(() => ({}));
  const isOwn = typeof told.detail === "string" && /^\/docs#[a-z-]+$/.test(told.type);
  if (!isOwn) return new Refused(`something on the way answered ${response.status}`, facts);
  return new Refused(told.detail, { ...facts, code: told.code, help: told.type });
}
