import { malformedXml } from './errors.ts';

/** An element of a request: its own text, and its children in order. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Open {
  name: string;
  text: string;
  children: XmlElement[];
}

const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/y;
const DEEPEST = 16;

/**
 * Reads the XML of a request: elements and text. Attributes are passed over, and there are no document types.
 *
 * @throws {AwsError} MalformedXML.
 */
export const readXml = (source: string): XmlElement => {
  const root: Open = { name: '', text: '', children: [] };
  const path: Open[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const token = TOKEN.exec(source);
    const parent = path.at(-1);
    if (!token || !parent || path.length > DEEPEST) throw malformedXml();
    const [, closing, opening, , selfClosing, text] = token;
    if (text !== undefined) parent.text += decodeEntities(text);
    if (closing !== undefined) {
      if (parent.name !== closing || path.length === 1) throw malformedXml();
      path.pop();
    }
    if (opening !== undefined) {
      const element: Open = { name: opening, text: '', children: [] };
      parent.children.push(element);
      if (!selfClosing) path.push(element);
    }
  }
  const [element, ...more] = root.children;
  if (!element || more.length > 0 || path.length > 1 || root.text.trim() !== '') throw malformedXml();
  return element;
};

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decodeEntities = (text: string): string =>
  text.replace(/&(#x?)?([^;&]*);?/g, (_, numeric: string | undefined, name: string) => {
    const decoded = numeric ? codePoint(name, numeric === '#x' ? 16 : 10) : NAMED[name];
    if (decoded === undefined) throw malformedXml();
    return decoded;
  });

const codePoint = (digits: string, radix: 10 | 16): string | undefined => {
  const code = /^[0-9a-f]{1,7}$/i.test(digits) ? Number.parseInt(digits, radix) : Number.NaN;
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
};

export const childrenNamed = ({ children }: XmlElement, name: string): readonly XmlElement[] =>
  children.filter((child) => child.name === name);

/** Text of the child of that name; undefined without one. */
export const textOfChild = (element: XmlElement, name: string): string | undefined =>
  childrenNamed(element, name)[0]?.text;
