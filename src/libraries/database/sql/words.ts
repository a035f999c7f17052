/** Words of SQL that an outline knows by their place. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

/** They begin a statement, and nothing that an outline tells is named behind them. */
export const plainOperations = set(
  "ABORT ATTACH BACKUP BEGIN CHECKPOINT CLOSE COMMIT DBCC DEALLOCATE DECLARE DETACH DISCARD DO END FETCH FLUSH " +
    "GRANT HANDLER INSTALL KILL LISTEN LOAD MOVE NOTIFY PRAGMA PREPARE RELEASE RESET RESTORE REVOKE ROLLBACK SAVE " +
    "SAVEPOINT SET SHOW START UNLISTEN UNLOCK USE VALUES XA",
);
/** They begin a statement and stand in front of a table, or of words of `beforeTable` and then a table. */
export const tableOperations = set(
  "ANALYSE ANALYZE CLUSTER COPY DELETE DESC DESCRIBE INSERT LOCK MERGE OPTIMIZE REFRESH REINDEX REPAIR REPLACE " +
    "TRUNCATE UPDATE UPSERT VACUUM",
);
/** Several tables with commas in between. */
export const listOperations = set("ANALYZE LOCK OPTIMIZE REPAIR TRUNCATE UPDATE VACUUM");
/** Operations whose FROM and JOIN have tables behind them. */
export const reads = set("SELECT DELETE UPDATE MERGE");
export const definitions = set("ALTER COMMENT CREATE DROP RENAME UNDROP");
export const calls = set("CALL EXEC EXECUTE");

/** Between an operation and its table. */
export const beforeTable = set(
  "ABORT CONCURRENTLY DELAYED EXTENDED FAIL FORMATTED FREEZE FROM FULL HIGH_PRIORITY IGNORE INTO LOCAL LOW_PRIORITY " +
    "MATERIALIZED NO_WRITE_TO_BINLOG ONLY OR OVERWRITE QUICK REPLACE ROLLBACK TABLE TABLES TOP VERBOSE VIEW",
);
/** Between CREATE and what it creates. */
export const beforeObject = set(
  "CLUSTERED COLUMNSTORE EDITIONABLE EXTERNAL FOREIGN FORCE FULLTEXT GLOBAL LOCAL MATERIALIZED NONCLUSTERED " +
    "NONEDITIONABLE OFFLINE ON ONLINE OR PUBLIC RECURSIVE REPLACE SPATIAL TEMP TEMPORARY UNIQUE UNLOGGED VIRTUAL",
);
/** Between what is created and its name. */
export const beforeName = set("CONCURRENTLY EXISTS IF NOT ONLY");
/** Kinds of objects whose names are of programs, unlike those of users and roles. */
export const namedObjects = set(
  "DATABASE DOMAIN EXTENSION FUNCTION INDEX PROC PROCEDURE SCHEMA SEQUENCE TRIGGER TYPE",
);
/** Kinds of objects that are collections of rows. */
export const tableObjects = set("TABLE VIEW");
/** Kinds of objects that hold statements which run later. */
export const withBody = set("EVENT FUNCTION PACKAGE PROC PROCEDURE TRIGGER");

/** Between EXPLAIN and the statement. */
export const explainOptions = set("ANALYSE ANALYZE EXTENDED FOR PARTITIONS PLAN QUERY VERBOSE");
/** Between a common table expression's name and its parentheses. */
export const withOptions = set("AS MATERIALIZED NOT");

/** They end a list of tables. */
export const afterTables = set(
  "CONNECT DEFAULT EXCEPT FETCH FOR GROUP HAVING INTERSECT LIMIT MINUS OFFSET ON OPTION ORDER OUTPUT PARTITION " +
    "QUALIFY RETURNING SET UNION VALUES WHEN WHERE WINDOW",
);
/** What may stand where a table's name could: not names, or in front of one. */
export const insteadOfTable = set(
  "DUMPFILE LATERAL ONLY OUTFILE SELECT STDIN STDOUT TABLE TEMP TEMPORARY UNLOGGED VALUES WHERE WITH SET",
);
