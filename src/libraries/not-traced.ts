/**
 * Modules that carry requests without what is traced, as their documentation says: servers and clients with a protocol
 * implementation of their own. Who has them and sees nothing should know.
 */
export const notTraced: readonly string[] = [
  // Servers beside net/http.
  "github.com/valyala/fasthttp",
  "github.com/gofiber/fiber",
  "github.com/cloudwego/hertz",
  "github.com/cloudwego/kitex",
  "github.com/tidwall/evio",
  "github.com/panjf2000/gnet",
  "github.com/lesismal/nbio",
  "github.com/quic-go/quic-go",
  // Remote procedure calls.
  "github.com/apache/thrift",
  "storj.io/drpc",
  // Queues.
  "github.com/twmb/franz-go",
  "github.com/IBM/sarama",
  "github.com/Shopify/sarama",
  "github.com/confluentinc/confluent-kafka-go",
  "github.com/nats-io/nats.go",
  "github.com/rabbitmq/amqp091-go",
  "github.com/streadway/amqp",
  "github.com/apache/pulsar-client-go",
  "github.com/eclipse/paho.mqtt.golang",
  // Stores that are not spoken to through database/sql.
  "github.com/redis/go-redis",
  "github.com/go-redis/redis",
  "github.com/gomodule/redigo",
  "go.mongodb.org/mongo-driver",
  "github.com/gocql/gocql",
  "github.com/bradfitz/gomemcache",
];

/** Those among a program's modules, without their major versions' endings; `known`: modules that are traced after all. */
export function notTracedAmong(modules: readonly string[], known: readonly string[]): readonly string[] {
  const has = (name: string, list: readonly string[]) =>
    list.some((path) => path === name || path.startsWith(`${name}/`));
  return notTraced.filter((name) => has(name, modules) && !has(name, known));
}
