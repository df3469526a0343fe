// People are called by their name; who has none, or is gone, by the end of their identifier.
const tail = 8;

export const called = (name: string | undefined, id: string): string => name || '…' + id.slice(-tail);
