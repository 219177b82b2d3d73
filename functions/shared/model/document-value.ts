/** Arrays of numbers of one type, as UBJSON stores them. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** What JSON and UBJSON files hold. Arrays of numbers of one type arrive as typed arrays from UBJSON. */
export type DocumentValue = null | boolean | number | string | NumberArray | DocumentValue[] | DocumentObject;
export interface DocumentObject {
  readonly [key: string]: DocumentValue;
}
