/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What a sql.DB is connected to, and the state of its pool: told with the first call, and then once a second. */
#pragma once

#include "connectors.h"
#include "events.h"
#include "span.h"
#include "text.h"

volatile const u16 db_connector = ABSENT;
volatile const u16 db_free_conn = ABSENT;
volatile const u16 db_num_open = ABSENT;
volatile const u16 db_max_open = ABSENT;
volatile const u16 db_max_idle = ABSENT;
volatile const u16 db_conn_requests = ABSENT;
volatile const u16 conn_request_set_slice = ABSENT;

#define MAX_DSN 512
#define MAX_HOST 256
#define MAX_NAME 128
#define MAX_NETWORK 32

struct sql_database_record {
	struct record_header record;
	u64 database;
	/* Type descriptors. */
	u64 connector_type;
	u64 driver_type;
	/* Connections: open, those of them that are idle, and limits, where 0 and less are "none" and "Go's default". */
	s64 open;
	s64 idle;
	s64 max_open;
	s64 max_idle;
	/* Goroutines that wait for a connection; -1: not known. */
	s64 waiting;
	u16 port;
	/* 1: the DSN is longer than what is here of it. */
	u8 dsn_cut;
	u8 _pad;
	struct text dsn;
	struct text network;
	struct text host;
	/* Of SQL Server. */
	struct text instance;
	struct text name;
	struct texts texts;
};

struct sql_database {
	/* An address may be that of another sql.DB later: then its connector is another. */
	u64 connector;
	u64 told_ns;
	struct sql_database_record record;
};

/* Keyed by address of the sql.DB. Programs have a handful. Spans of more don't say where they lead: that is counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u64);
	__type(value, struct sql_database);
} sql_databases SEC(".maps");

static const struct sql_database no_database;

#define EEXIST 17
#define TELL_EVERY_NS 1000000000ULL

static __always_inline void describe(struct sql_database_record *r, struct go_iface *connector)
{
	struct connector_words words = {};
	struct go_string string;
	u16 port = 0;

	unwrap(connector);
	r->connector_type = read_word(connector->tab + GO_ITAB_TYPE);
	find_words(&words, connector);
	r->driver_type = words.driver ? read_word(read_word(words.driver) + GO_ITAB_TYPE) : 0;
	string = read_string(words.dsn);
	r->dsn_cut = string.length > MAX_DSN;
	keep_text(&r->texts, &r->dsn, &string, MAX_DSN);
	string = read_string(words.network);
	keep_text(&r->texts, &r->network, &string, MAX_NETWORK);
	string = read_string(words.host);
	keep_text(&r->texts, &r->host, &string, MAX_HOST);
	string = read_string(words.instance);
	keep_text(&r->texts, &r->instance, &string, MAX_NAME);
	string = read_string(words.name);
	keep_text(&r->texts, &r->name, &string, MAX_NAME);
	if (words.port)
		read_user(&port, sizeof(port), words.port);
	r->port = port;
}

/* A slice's length is its second word; what the requests were before Go 1.23, a map, is not read. */
static __always_inline void read_pool(struct sql_database_record *r)
{
	u64 db = r->database;

	r->open = read_word(db + db_num_open);
	r->idle = read_word(db + db_free_conn + GO_STRING_LENGTH);
	r->max_open = read_word(db + db_max_open);
	r->max_idle = read_word(db + db_max_idle);
	r->waiting = -1;
	if (db_conn_requests != ABSENT && conn_request_set_slice != ABSENT)
		r->waiting = read_word(db + db_conn_requests + conn_request_set_slice + GO_STRING_LENGTH);
}

/* Where there is none it is made; 0 without room, and while another goroutine describes it: that one tells it too. */
static __always_inline struct sql_database *database_at(u64 db)
{
	struct go_iface connector = {};
	struct sql_database *database = bpf_map_lookup_elem(&sql_databases, &db);
	u64 outermost;
	long failed;

	if (read_user(&connector, sizeof(connector), db + db_connector) || !connector.tab)
		return 0;
	outermost = connector.data;
	if (database && database->connector == outermost)
		return database;
	if (database && !database->connector)
		return 0;
	failed = bpf_map_update_elem(&sql_databases, &db, &no_database, database ? BPF_EXIST : BPF_NOEXIST);
	if (failed == -EEXIST)
		return 0;
	if (failed) {
		count(COUNTER_field_unreadable);
		return 0;
	}
	database = bpf_map_lookup_elem(&sql_databases, &db);
	if (!database)
		return 0;
	database->record.record.library = library_id;
	database->record.record.kind = RECORD_library;
	database->record.database = db;
	describe(&database->record, &connector);
	barrier();
	database->connector = outermost;
	return database;
}

/* To be called where a call begins: the call itself is not in the pool's state then. Not inlined, for the stack's sake. */
static __attribute__((noinline)) void tell_database(u64 db)
{
	struct sql_database *database = database_at(db);
	u64 now = bpf_ktime_get_ns();

	if (!database || (database->told_ns && now - database->told_ns < TELL_EVERY_NS))
		return;
	/*
	 * Two goroutines at the same moment may both tell it, and the same: no exchange keeps them apart, which kernels
	 * before 5.12 don't have.
	 */
	database->told_ns = now;
	read_pool(&database->record);
	if (bpf_ringbuf_output(&events, &database->record, RECORD_SIZE(&database->record), BPF_RB_NO_WAKEUP))
		database->told_ns = 0;
}
