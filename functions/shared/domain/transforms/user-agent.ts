/** What a text tells of, by a word in it: the first that is there. Others pretend to be those further down. */
type Telltales = readonly (readonly [word: RegExp, name: string])[];

const FAMILIES: Telltales = [
  [/bot\b|crawl|spider|slurp/i, 'bot'],
  [/headless|phantomjs|selenium|puppeteer|playwright/i, 'headless'],
  [/curl|wget|python|okhttp|java\/|go-http|axios|node-fetch|libwww|httpclient/i, 'script'],
  [/edg(?:e|a|ios)?\//i, 'edge'],
  [/opr\/|opera/i, 'opera'],
  [/samsungbrowser/i, 'samsung'],
  [/ucbrowser/i, 'uc'],
  [/yabrowser/i, 'yandex'],
  [/firefox|fxios/i, 'firefox'],
  [/chrome|crios|chromium/i, 'chrome'],
  [/safari/i, 'safari'],
  [/msie|trident/i, 'internet_explorer'],
];

const SYSTEMS: Telltales = [
  [/windows phone/i, 'other'],
  [/android/i, 'android'],
  [/iphone|ipad|ipod/i, 'ios'],
  [/windows/i, 'windows'],
  [/cros/i, 'chrome_os'],
  [/mac os|macintosh/i, 'mac'],
  [/linux|x11/i, 'linux'],
];

const firstOf = (telltales: Telltales, text: string): string | undefined =>
  text === '' ? undefined : (telltales.find(([word]) => word.test(text))?.[1] ?? 'other');

/** Family of a browser or program, such as `chrome`, `safari`, `bot` or `script`; `other` where it is none known. */
export const userAgentFamily = (userAgent: string): string | undefined => firstOf(FAMILIES, userAgent);

/** System that a browser runs on: `android`, `ios`, `windows`, `mac`, `linux`, `chrome_os` or `other`. */
export const userAgentSystem = (userAgent: string): string | undefined => firstOf(SYSTEMS, userAgent);
