import { field, type Library } from "../../../../descriptor.ts";
import { routerFields } from "../../../../go-fields.ts";

export const library: Library = {
  path: "github.com/go-chi/chi/v5",
  name: "chi routes",
  module: "github.com/go-chi/chi/v5",
  since: "5.0.0",
  fields: {
    ...routerFields,
    context_parent_ctx: field("github.com/go-chi/chi/v5.Context.parentCtx"),
    context_patterns: field("github.com/go-chi/chi/v5.Context.RoutePatterns"),
    context_pattern: field("github.com/go-chi/chi/v5.Context.routePattern"),
  },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "route",
      program: "chi_request_served",
      site: {
        at: "call",
        function: "github.com/go-chi/chi/v5.(*Mux).ServeHTTP",
        callee: "sync.(*Pool).Put",
      },
    },
  ],
  toRoute,
};

/** As chi's own Context.RoutePattern says it today: "/api/*" and "/users/*" and "/{id}" are "/api/users/{id}". */
export function toRoute(patterns: string): string {
  const joined = patterns.replace(/\/(\*\/)+/g, "/");
  return joined === "/" ? joined : joined.replace(/\/\/$/, "").replace(/\/$/, "");
}
