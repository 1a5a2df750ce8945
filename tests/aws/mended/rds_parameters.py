"""RDS: the parameters that parameter groups know, a handful for each engine.

Still wrong: the lists are short, and values are not looked at.
"""

from mended.rds_engine import VERSIONS, family

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
_POSTGRES = {
    "static": """max_connections shared_buffers shared_preload_libraries track_activity_query_size max_worker_processes
        max_replication_slots max_wal_senders pg_stat_statements.max huge_pages wal_buffers rds.logical_replication""",
    "dynamic": """log_min_duration_statement log_statement log_connections log_disconnections log_lock_waits
        log_temp_files log_autovacuum_min_duration work_mem maintenance_work_mem effective_cache_size random_page_cost
        statement_timeout lock_timeout idle_in_transaction_session_timeout deadlock_timeout timezone search_path
        autovacuum autovacuum_naptime checkpoint_timeout max_wal_size pg_stat_statements.track rds.force_ssl
        default_statistics_target track_io_timing""",
}

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Parameters.html
_MYSQL = {
    "static": """performance_schema lower_case_table_names skip_name_resolve back_log innodb_ft_min_token_size
        table_open_cache_instances gtid-mode enforce_gtid_consistency innodb_read_io_threads""",
    "dynamic": """max_connections max_allowed_packet wait_timeout interactive_timeout innodb_lock_wait_timeout time_zone
        slow_query_log long_query_time log_output general_log character_set_server collation_server sql_mode
        innodb_buffer_pool_size tmp_table_size max_heap_table_size event_scheduler require_secure_transport
        log_bin_trust_function_creators log_queries_not_using_indexes binlog_format innodb_print_all_deadlocks
        server_audit_logging server_audit_events""",
}

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Reference.ParameterGroups.html and its like
# for PostgreSQL: what holds for a whole cluster is in its cluster parameter group alone.
_OF_CLUSTERS = set(
    """rds.force_ssl rds.logical_replication timezone binlog_format character_set_server collation_server time_zone
    lower_case_table_names require_secure_transport gtid-mode enforce_gtid_consistency server_audit_logging
    server_audit_events""".split()
)

FAMILIES = {family(engine, version): engine for engine, versions in VERSIONS.items() for version in versions}


def parameters(name, of_cluster):
    """The parameters of a family and how each is applied: static or dynamic."""
    engine = FAMILIES[name]
    lists = _POSTGRES if "postgres" in engine else _MYSQL
    known = {parameter: kind for kind, names in lists.items() for parameter in names.split()}
    if engine == "aurora-mysql":
        known["binlog_format"] = "static"
    if engine.startswith("aurora") and not of_cluster:
        known = {parameter: kind for parameter, kind in known.items() if parameter not in _OF_CLUSTERS}
    return known
