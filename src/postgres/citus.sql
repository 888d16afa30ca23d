-- Spreads the live generation of a library over the workers of Citus, so that each searches its own part of the molecules.
--
--     psql 'postgres://admin@coordinator/database' -v library=mine -f citus.sql
--
-- NOT TESTED. Citus is no package of Debian, so no test of this repository runs it, and these statements as they stand were not run on it. Tried by hand, once,
-- was the same division of one table (50,000 molecules, 256 dimensions, pgvector's graph over half precision) over two workers: nearest neighbours with
-- and without filters in plain SQL, and kill -9 of a worker, which lost nothing. While a worker is down every search fails: give each a standby.
-- Try it on a copy first. Every node needs the extension "vector". A new generation begins undivided: run this again after each push.
\set ON_ERROR_STOP on
SELECT schema_name AS schema FROM isolens.generations WHERE library = :'library' AND state = 'live' \gset

-- The molecules by their row, which no search is bound to: every worker is asked, and the nearest of all are taken.
SELECT create_distributed_table((:'schema' || '.molecules')::regclass, 'row', colocate_with => 'none');
-- The parts of the files hold the vectors that hits are scored by. By number, not by path: nearly all of them are of one file.
SELECT create_distributed_table((:'schema' || '.parts')::regclass, 'part', colocate_with => 'none');
-- Small, and joined with the molecules wherever these are.
SELECT create_reference_table((:'schema' || '.identifiers')::regclass);
SELECT create_reference_table((:'schema' || '.names')::regclass);
SELECT create_reference_table((:'schema' || '.files')::regclass);

-- Settings of a session stay at the coordinator. Without these a worker gives too few molecules where a filter leaves few of them.
ALTER ROLE CURRENT_USER SET hnsw.ef_search = '200';
ALTER ROLE CURRENT_USER SET hnsw.iterative_scan = 'relaxed_order';
ALTER ROLE CURRENT_USER SET hnsw.max_scan_tuples = '100000';
SELECT * FROM run_command_on_workers(format('ALTER ROLE %I SET hnsw.ef_search = ''200''', current_user));
SELECT * FROM run_command_on_workers(format('ALTER ROLE %I SET hnsw.iterative_scan = ''relaxed_order''', current_user));
SELECT * FROM run_command_on_workers(format('ALTER ROLE %I SET hnsw.max_scan_tuples = ''100000''', current_user));
