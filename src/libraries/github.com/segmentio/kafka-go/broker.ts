import { splitHostPort } from "../../../http.ts";

/** "127.0.0.1:9092", as kafka-go's addresses are written, without what might stand before an "@". */
export function brokerOf(address: string): { readonly host: string; readonly port: number | undefined } {
  return splitHostPort(address.slice(address.lastIndexOf("@") + 1));
}
