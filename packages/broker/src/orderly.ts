/**
 * Erlang expressions for `rabbitmqctl eval`, run before a broker's process ends. Neither is needed: a broker that does not know
 * them any more ends all the same.
 */

/** RabbitMQ 3.10 waits 5 s for its statistics handler while it shuts down; without the handler it does not. */
export const BEFORE_STOP = "gen_event:delete_handler(rabbit_event, rabbit_mgmt_db_handler, []).";

/** RabbitMQ up to 4.2 writes declarations to its disk log with a delay: a test that kills it means its messages, not these. */
export const BEFORE_KILL = "mnesia:sync_log().";
