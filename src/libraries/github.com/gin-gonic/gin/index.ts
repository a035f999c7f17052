import { field, type Library } from "../../../descriptor.ts";
import { routerFields } from "../../../go-fields.ts";

/** A request that matches no route, or not with its method, has no full path. */
export const library: Library = {
  path: "github.com/gin-gonic/gin",
  name: "gin routes",
  module: "github.com/gin-gonic/gin",
  since: "1.6.0",
  fields: {
    ...routerFields,
    context_request: field("github.com/gin-gonic/gin.Context.Request"),
    context_full_path: field("github.com/gin-gonic/gin.Context.fullPath"),
  },
  maps: {},
  itabs: {},
  probes: [
    {
      name: "route",
      program: "gin_request_served",
      site: {
        at: "call",
        function: "github.com/gin-gonic/gin.(*Engine).ServeHTTP",
        callee: "sync.(*Pool).Put",
      },
    },
  ],
  toRoute: (pattern) => pattern,
};
