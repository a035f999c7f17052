import { field, type Library } from "../../../descriptor.ts";
import { routerFields } from "../../../go-fields.ts";

/** A redirect to the path with, or without, its last slash has the route that it redirects to: it has matched. */
export const library: Library = {
  path: "github.com/gorilla/mux",
  name: "gorilla/mux routes",
  module: "github.com/gorilla/mux",
  since: "1.8.0",
  fields: {
    ...routerFields,
    route_handler: field("github.com/gorilla/mux.Route.handler"),
    route_conf: field("github.com/gorilla/mux.Route.routeConf"),
    conf_regexp: field("github.com/gorilla/mux.routeConf.regexp"),
    regexps_path: field("github.com/gorilla/mux.routeRegexpGroup.path"),
    regexp_template: field("github.com/gorilla/mux.routeRegexp.template"),
  },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "route",
      program: "mux_route_found",
      site: {
        at: "call",
        function: "github.com/gorilla/mux.(*Router).ServeHTTP",
        callee: "github.com/gorilla/mux.requestWithRoute",
      },
    },
  ],
  toRoute: (pattern) => pattern,
};
