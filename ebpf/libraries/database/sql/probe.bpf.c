// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* database/sql: one hit where a call begins, one where its result is there. */

#include "end.h"
#include "preemption.h"
#include "starts.h"

/* Either licence of this file will do; the kernel wants to hear GPL for the helpers used here. */
char LICENSE[] SEC("license") = "GPL";

GO_PROBE(sql_db_statement, db_statement)
GO_PROBE(sql_db_prepare, db_prepare)
GO_PROBE(sql_db_begin, db_begin)
GO_PROBE(sql_db_ping, db_ping)
GO_PROBE(sql_stmt_statement, stmt_statement)
GO_PROBE(sql_tx_query, tx_query)
GO_PROBE(sql_conn_query, conn_query)
GO_PROBE(sql_owner_exec, owner_exec)
GO_PROBE(sql_owner_prepare, owner_prepare)
GO_PROBE(sql_conn_begin, conn_begin)
GO_PROBE(sql_conn_ping, conn_ping)
GO_PROBE(sql_tx_commit, tx_commit)
GO_PROBE(sql_tx_rollback, tx_rollback)
GO_PROBE(sql_returned, returned)
GO_PROBE(sql_attempt_ended, attempt_ended)
GO_PROBE(sql_attempt_succeeded, attempt_succeeded)
GO_PROBE(sql_tx_ended, tx_ended)
