import { field, type Library } from "../../../../descriptor.ts";
import { routerFields } from "../../../../go-fields.ts";

/**
 * What echo itself puts in a handler's place where nothing matches, or not the method: NotFoundHandler and the like,
 * functions without a name of package variables. The context may have a path then: that of a route for another method,
 * or the request's own (up to 4.1).
 */
const ownHandler = /^github\.com\/labstack\/echo\/v4\.(init|glob\.)\.func\d+$/;

export const library: Library = {
  path: "github.com/labstack/echo/v4",
  name: "echo v4 routes",
  module: "github.com/labstack/echo/v4",
  since: "4.0.0",
  fields: {
    ...routerFields,
    context_request: field("github.com/labstack/echo/v4.context.request"),
    context_path: field("github.com/labstack/echo/v4.context.path"),
    context_handler: field("github.com/labstack/echo/v4.context.handler"),
  },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "route",
      program: "echo_v4_request_served",
      site: {
        at: "call",
        function: "github.com/labstack/echo/v4.(*Echo).ServeHTTP",
        callee: "sync.(*Pool).Put",
      },
    },
  ],
  toRoute: (pattern, handler) => (handler !== undefined && ownHandler.test(handler) ? "" : pattern),
};
