import type { Library } from "../../../descriptor.ts";
import { openSpanFields, routerFields } from "../../../go-fields.ts";
import { routeOfPattern } from "../../../http.ts";

/**
 * The server's own Request has the pattern that a ServeMux found, and its library reads it at no cost. Middleware that
 * makes a new Request, with Request.WithContext, takes the pattern away with it: then the mux itself is asked.
 */
export const library: Library = {
  path: "net/http/servemux",
  name: "net/http ServeMux routes",
  module: "std",
  since: "1.22",
  notWith: "httpmuxgo121=1",
  // Of a server without requests, as that of gRPC is, nobody wants routes: golang.org/x/net/trace alone has a ServeMux.
  onlyWith: "net/http.serverHandler.ServeHTTP",
  fields: { ...routerFields, ...openSpanFields },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "route",
      program: "servemux_handler_found",
      site: {
        at: "return",
        functions: ["net/http.(*ServeMux).findHandler"],
        results: 4,
        callers: "package",
      },
      late: true,
    },
  ],
  toRoute,
};

/**
 * The route of what one ServeMux after another has found, the outermost first, with zeros between them. One that has
 * the whole path says more than those before; behind http.StripPrefix it has not.
 */
export function toRoute(patterns: string): string {
  return patterns
    .split("\0")
    .map(routeOfPattern)
    .reduce((outer, inner) => (inner.startsWith(outer) ? inner : outer));
}
