import type { ConnectionInfo } from "./connections.ts";

/**
 * Erlang expressions for `rabbitmqctl eval`. One run of rabbitmqctl costs a third of a second of CPU, so each does all of its
 * work at once; and its own `list_connections` prints no pid that its `close_connection` would take together with the client's
 * name for the connection.
 */

const UNIT = "\u001f";
const RECORD = "\u001e";

/** All open connections, as fields between separators, in Base64 because `eval` prints an Erlang term. */
export const LIST_CONNECTIONS = `
  Get = fun(Key, Info) -> case lists:keyfind(Key, 1, Info) of {_, Value} -> Value; _ -> [] end end,
  Name = fun(Properties) -> case lists:keyfind(<<"connection_name">>, 1, Properties) of {_, _, Value} -> Value; _ -> [] end end,
  base64:encode(iolist_to_binary([
    lists:join(31, [pid_to_list(Get(pid, Info)), Get(name, Info), Get(user, Info), Get(vhost, Info), Name(Get(client_properties, Info))]) ++ [30]
    || Info <- rabbit_networking:connection_info_all([pid, name, user, vhost, client_properties]), is_pid(Get(pid, Info))
  ])).`;

/** Closes them and waits, for up to 10 s, until they are gone. Its value: those that are not. */
export function closeConnections(pids: readonly string[]): string {
  return `
  Pids = [list_to_pid(Text) || Text <- [${pids.map((pid) => JSON.stringify(pid)).join(", ")}]],
  Watched = [{monitor(process, Pid), Pid} || Pid <- Pids],
  [spawn(fun() -> rabbit_networking:close_connection(Pid, "closed by a test") end) || Pid <- Pids],
  Until = erlang:monotonic_time(millisecond) + 10000,
  lists:append([
    receive {'DOWN', Reference, _, _, _} -> [] after max(0, Until - erlang:monotonic_time(millisecond)) -> [Pid] end
    || {Reference, Pid} <- Watched
  ]).`;
}

/** What {@link LIST_CONNECTIONS} printed: `<<"...">>`, a long one in several strings. */
export function parseConnections(printed: string): (ConnectionInfo & { pid: string })[] {
  const base64 = [...printed.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join("");
  return Buffer.from(base64, "base64")
    .toString()
    .split(RECORD)
    .filter((record) => record !== "")
    .map((record) => {
      const [pid = "", address = "", user = "", vhost = "", name = ""] = record.split(UNIT);
      return { pid, name: name || address, address, user, vhost };
    });
}
