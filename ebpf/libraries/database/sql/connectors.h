/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Connectors that say where they lead: src/libraries/database/sql/connectors.ts knows their layouts. Each has its itab
 * for driver.Connector, 0 when the program hasn't got it, and its fields.
 */
#pragma once

#include "go.h"

#define CONNECTOR(which) volatile const u64 connector_##which = 0;
#define CONNECTOR_FIELD(which, part) volatile const u16 connector_##which##_##part = ABSENT;

/* One that keeps the text that it was made of. */
#define CONNECTOR_WITH_TEXT(which)                                                                                     \
	CONNECTOR(which)                                                                                               \
	CONNECTOR_FIELD(which, dsn)

/* One that keeps what it has parsed, in a struct. */
#define CONNECTOR_WITH_CONFIG(which)                                                                                   \
	CONNECTOR(which)                                                                                               \
	CONNECTOR_FIELD(which, config)                                                                                  \
	CONNECTOR_FIELD(which, host)                                                                                    \
	CONNECTOR_FIELD(which, name)

CONNECTOR_WITH_TEXT(go)
CONNECTOR_FIELD(go, driver)
CONNECTOR_WITH_TEXT(pgx4_text)
CONNECTOR_WITH_TEXT(pgx5_text)
CONNECTOR_WITH_TEXT(modernc)
CONNECTOR_WITH_TEXT(ncruces)
CONNECTOR_WITH_TEXT(oracle)
CONNECTOR_WITH_CONFIG(pgx4)
CONNECTOR_FIELD(pgx4, part)
CONNECTOR_FIELD(pgx4, port)
CONNECTOR_WITH_CONFIG(pgx5)
CONNECTOR_FIELD(pgx5, part)
CONNECTOR_FIELD(pgx5, port)
CONNECTOR_WITH_CONFIG(pq)
CONNECTOR_FIELD(pq, port)
CONNECTOR_WITH_CONFIG(mysql)
CONNECTOR_FIELD(mysql, network)
CONNECTOR_WITH_CONFIG(mssql)
CONNECTOR_FIELD(mssql, port)
CONNECTOR_FIELD(mssql, instance)
CONNECTOR_WITH_CONFIG(mssql_first)
CONNECTOR_FIELD(mssql_first, port)
CONNECTOR_FIELD(mssql_first, instance)
CONNECTOR(otelsql)
CONNECTOR_FIELD(otelsql, inner)

/* Where in the target's memory a connector says where it leads; 0: nowhere. */
struct connector_words {
	u64 dsn;
	/* The interface value of the driver that the text is for. */
	u64 driver;
	u64 network;
	u64 host;
	u64 port;
	u64 instance;
	u64 name;
};

#define IS_CONNECTOR(connector, which) ((connector)->tab == connector_##which)

#define USE_TEXT(words, connector, which)                                                                              \
	if (IS_CONNECTOR(connector, which))                                                                            \
		(words)->dsn = (connector)->data + connector_##which##_dsn;

#define USE_CONFIG(words, config, which)                                                                               \
	({                                                                                                             \
		(words)->host = (config) + connector_##which##_host;                                                   \
		(words)->name = (config) + connector_##which##_name;                                                   \
	})

#define USE_PGX(words, connector, which)                                                                               \
	if (IS_CONNECTOR(connector, which)) {                                                                          \
		u64 config = (connector)->data + connector_##which##_config + connector_##which##_part;                \
		USE_CONFIG(words, config, which);                                                                      \
		(words)->port = config + connector_##which##_port;                                                     \
	}

#define USE_MSSQL(words, connector, which)                                                                             \
	if (IS_CONNECTOR(connector, which)) {                                                                          \
		u64 config = (connector)->data + connector_##which##_config;                                           \
		USE_CONFIG(words, config, which);                                                                      \
		(words)->port = config + connector_##which##_port;                                                     \
		(words)->instance = config + connector_##which##_instance;                                             \
	}

/* What a wrapper is around; any other connector is itself. */
static __always_inline void unwrap(struct go_iface *connector)
{
	if (connector->tab == connector_otelsql)
		read_user(connector, sizeof(*connector), connector->data + connector_otelsql_inner);
}

static __always_inline void find_words(struct connector_words *words, const struct go_iface *connector)
{
	USE_TEXT(words, connector, go)
	USE_TEXT(words, connector, pgx4_text)
	USE_TEXT(words, connector, pgx5_text)
	USE_TEXT(words, connector, modernc)
	USE_TEXT(words, connector, ncruces)
	USE_TEXT(words, connector, oracle)
	USE_PGX(words, connector, pgx4)
	USE_PGX(words, connector, pgx5)
	USE_MSSQL(words, connector, mssql)
	USE_MSSQL(words, connector, mssql_first)
	if (IS_CONNECTOR(connector, go))
		words->driver = connector->data + connector_go_driver;
	if (IS_CONNECTOR(connector, pq)) {
		u64 config = connector->data + connector_pq_config;

		USE_CONFIG(words, config, pq);
		words->port = config + connector_pq_port;
	}
	if (IS_CONNECTOR(connector, mysql)) {
		u64 config = read_word(connector->data + connector_mysql_config);

		USE_CONFIG(words, config, mysql);
		words->network = config + connector_mysql_network;
	}
}
