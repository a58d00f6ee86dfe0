import { count, read, readFirst } from "./payload.ts";

const LONGEST = 160;

/**
 * One line that says what a GitHub delivery is about, without the event's name, action or repository, which have
 * their own columns. For an event it does not know: who did it.
 */
export function summarize(event: string, payload: unknown): string {
  const line = oneLine(SUMMARIES[event]?.(payload) ?? "");
  if (line !== "") return line;
  const who = readFirst(payload, "sender.login", "user.login", "organization.login");
  return who === "" ? "" : `by ${who}`;
}

type Summary = (payload: unknown) => string;

const numbered =
  (name: string): Summary =>
  (p) =>
    phrase(hash(read(p, `${name}.number`)), read(p, `${name}.title`));

const commented =
  (name: string, comment = "comment"): Summary =>
  (p) =>
    colon(phrase(read(p, `${comment}.user.login`), "on", hash(read(p, `${name}.number`))), read(p, `${comment}.body`));

const named =
  (...paths: string[]): Summary =>
  (p) =>
    readFirst(p, ...paths);

const SUMMARIES: Record<string, Summary> = {
  branch_protection_rule: named("rule.name"),
  check_run: (p) => colon(read(p, "check_run.name"), outcome(p, "check_run")),
  check_suite: (p) =>
    colon(
      phrase(read(p, "check_suite.head_branch"), short(read(p, "check_suite.head_sha"))),
      outcome(p, "check_suite"),
    ),
  code_scanning_alert: (p) =>
    phrase(hash(read(p, "alert.number")), readFirst(p, "alert.rule.description", "alert.rule.id")),
  commit_comment: (p) =>
    colon(phrase(read(p, "comment.user.login"), "on", short(read(p, "comment.commit_id"))), read(p, "comment.body")),
  create: (p) => phrase(read(p, "ref_type"), read(p, "ref")),
  delete: (p) => phrase(read(p, "ref_type"), read(p, "ref")),
  dependabot_alert: (p) => phrase(hash(read(p, "alert.number")), read(p, "alert.security_advisory.summary")),
  deploy_key: named("key.title"),
  deployment: (p) => phrase(read(p, "deployment.ref"), "to", read(p, "deployment.environment")),
  deployment_review: (p) => phrase(read(p, "workflow_run.name"), hash(read(p, "workflow_run.run_number"))),
  deployment_status: (p) =>
    colon(
      phrase(read(p, "deployment.ref"), "to", read(p, "deployment.environment")),
      read(p, "deployment_status.state"),
    ),
  discussion: numbered("discussion"),
  discussion_comment: commented("discussion"),
  fork: (p) => phrase("to", read(p, "forkee.full_name")),
  gollum: (p) => colon(pages(count(p, "pages")), readFirst(p, "pages.0.title", "pages.0.page_name")),
  installation: (p) => phrase(read(p, "installation.app_slug"), "for", read(p, "installation.account.login")),
  installation_repositories: (p) => repositories(count(p, "repositories_added"), count(p, "repositories_removed")),
  issue_comment: commented("issue"),
  issues: numbered("issue"),
  label: named("label.name"),
  marketplace_purchase: (p) =>
    colon(read(p, "marketplace_purchase.account.login"), read(p, "marketplace_purchase.plan.name")),
  member: named("member.login"),
  membership: (p) => phrase(read(p, "member.login"), "in", read(p, "team.name")),
  merge_group: (p) => phrase(tail(read(p, "merge_group.head_ref")), "into", tail(read(p, "merge_group.base_ref"))),
  meta: (p) => phrase("hook", read(p, "hook_id")),
  milestone: numbered("milestone"),
  org_block: named("blocked_user.login"),
  organization: (p) => readFirst(p, "membership.user.login", "invitation.login", "organization.login"),
  package: (p) => phrase(read(p, "package.name"), read(p, "package.package_version.version")),
  page_build: (p) => colon("Pages", read(p, "build.status")),
  ping: named("zen"),
  project: named("project.name"),
  project_card: named("project_card.note"),
  project_column: named("project_column.name"),
  projects_v2_item: (p) =>
    phrase(read(p, "projects_v2_item.content_type"), "in project", read(p, "projects_v2_item.project_node_id")),
  pull_request: numbered("pull_request"),
  pull_request_review: (p) =>
    colon(
      phrase(read(p, "review.user.login"), read(p, "review.state"), hash(read(p, "pull_request.number"))),
      read(p, "review.body"),
    ),
  pull_request_review_comment: commented("pull_request"),
  pull_request_review_thread: numbered("pull_request"),
  push: (p) => colon(phrase(read(p, "pusher.name"), "to", tail(read(p, "ref"))), pushed(p)),
  registry_package: (p) =>
    phrase(read(p, "registry_package.name"), read(p, "registry_package.package_version.version")),
  release: (p) => colon(read(p, "release.tag_name"), read(p, "release.name")),
  repository: named("repository.description"),
  repository_dispatch: (p) => phrase("branch", read(p, "branch")),
  repository_import: named("status"),
  repository_vulnerability_alert: (p) =>
    phrase(read(p, "alert.affected_package_name"), read(p, "alert.affected_range")),
  security_advisory: (p) => colon(read(p, "security_advisory.ghsa_id"), read(p, "security_advisory.summary")),
  sponsorship: (p) =>
    phrase(read(p, "sponsorship.sponsor.login"), "sponsors", read(p, "sponsorship.sponsorable.login")),
  status: (p) => colon(phrase(short(read(p, "sha")), read(p, "context")), readFirst(p, "description", "state")),
  team: named("team.name"),
  team_add: named("team.name"),
  workflow_dispatch: (p) => phrase(tail(read(p, "workflow")), "on", tail(read(p, "ref"))),
  workflow_job: (p) => colon(read(p, "workflow_job.name"), outcome(p, "workflow_job")),
  workflow_run: (p) =>
    colon(
      phrase(readFirst(p, "workflow_run.name", "workflow.name"), hash(read(p, "workflow_run.run_number"))),
      outcome(p, "workflow_run"),
    ),
};

function pushed(p: unknown): string {
  if (read(p, "deleted") === "true") return "deleted";
  const commits = count(p, "commits") ?? 0;
  const message = read(p, "head_commit.message");
  return commits > 1 ? phrase(`${commits} commits, last:`, message) : message;
}

function outcome(p: unknown, name: string): string {
  return readFirst(p, `${name}.conclusion`, `${name}.status`);
}

function pages(n: number | undefined): string {
  return n === undefined ? "" : n === 1 ? "1 page" : `${n} pages`;
}

function repositories(added = 0, removed = 0): string {
  return phrase(added > 0 ? `${added} added` : "", removed > 0 ? `${removed} removed` : "");
}

/** Joins what there is with spaces; a joining word with nothing after it falls away, and so does one that begins. */
function phrase(...parts: string[]): string {
  return parts
    .filter((part) => part !== "")
    .join(" ")
    .replace(/^(?:on|in|into|for) | (?:to|on|in|into|for|in project)$/g, "");
}

function colon(before: string, after: string): string {
  return before === "" || after === "" ? before + after : `${before}: ${after}`;
}

function hash(number: string): string {
  return number === "" ? "" : `#${number}`;
}

function short(sha: string): string {
  return sha.slice(0, 7);
}

/** The last words of a git ref or path: `refs/heads/main` is `main`. */
function tail(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, "").replace(/^\.github\/workflows\//, "");
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1).trimEnd()}…`;
}
