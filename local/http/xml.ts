const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

/** Text as XML content; a carriage return is kept, which a bare one would not be. */
export const escapeXml = (text: string): string => text.replace(/[&<>"'\r]/g, (char) => ENTITIES[char] ?? char);

/** A tree of elements: text, a list of siblings of one name, or children by name; undefined leaves the element out. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/** Writes elements in the order of their keys; a list repeats its element. */
export const toXml = (children: { readonly [name: string]: XmlValue }): string =>
  Object.entries(children)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((item) => elementOf(name, item)) : [elementOf(name, value)],
    )
    .join('');

const elementOf = (name: string, value: XmlValue): string => {
  if (value === undefined) return '';
  const content = typeof value === 'object' ? toXml(value as { [name: string]: XmlValue }) : escapeXml(String(value));
  return `<${name}>${content}</${name}>`;
};
