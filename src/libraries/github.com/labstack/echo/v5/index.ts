import { field, type Library } from "../../../../descriptor.ts";
import { routerFields } from "../../../../go-fields.ts";

export const library: Library = {
  path: "github.com/labstack/echo/v5",
  name: "echo v5 routes",
  module: "github.com/labstack/echo/v5",
  since: "5.0.0",
  fields: {
    ...routerFields,
    context_request: field("github.com/labstack/echo/v5.Context.request"),
    context_path: field("github.com/labstack/echo/v5.Context.path"),
    context_route: field("github.com/labstack/echo/v5.Context.route"),
    route_info_method: field("github.com/labstack/echo/v5.RouteInfo.Method"),
  },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "route",
      program: "echo_v5_request_served",
      site: {
        at: "call",
        function: "github.com/labstack/echo/v5.(*Echo).serveHTTP.deferwrap1",
        callee: "sync.(*Pool).Put",
      },
    },
  ],
  toRoute: (pattern) => pattern,
};
