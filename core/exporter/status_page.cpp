#include "core/exporter/status_page.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace trendscope::exporter {

namespace {

constexpr std::string_view head =
    R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trendscope exporter</title>
<style>
:root { color-scheme: dark light; --page: #111217; --panel: #181b1f; --line: #2c3036; --text: #ccccdc;
  --quiet: #9a9aa8; --good: #73bf69; --bad: #ff7383; --link: #6e9fff; }
@media (prefers-color-scheme: light) { :root { --page: #f4f5f5; --panel: #fff; --line: #dcdde1;
  --text: #24292e; --quiet: #5f6672; --good: #1a7f37; --bad: #cf0e2f; --link: #1f62e0; } }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.5 Inter, system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 40px 16px; }
h1 { margin: 0; font-size: 22px; font-weight: 500; }
h2 { margin: 0 0 8px; font-size: 14px; font-weight: 500; }
section { margin-top: 16px; padding: 16px; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; }
p { margin: 0; } .quiet { color: var(--quiet); } .good { color: var(--good); } .bad { color: var(--bad); }
a { color: var(--link); } ul { margin: 0; padding-left: 18px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--quiet); }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; } .number { text-align: right; white-space: nowrap; }
</style>
</head>
<body>
<main>
)";

constexpr std::string_view usualPaths =
    R"(<li><a href="/metrics">/metrics</a> the metrics, for Prometheus; <code>?collect[]=NAME</code> selects collectors</li>
<li><a href="/-/ready">/-/ready</a> whether it can be scraped</li>
<li><a href="/-/healthy">/-/healthy</a> whether it runs</li>
<li>/-/reload by POST: reads its configuration anew</li>
)";

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char character : text) {
        switch (character) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default: // other control characters are not allowed in HTML
            out += static_cast<unsigned char>(character) < ' ' ? ' ' : character;
        }
    }
    return out;
}

/// The state is told by a word and a sign, not by the colour alone.
std::string stateOf(const CollectorRunner::State &collector)
{
    if (collector.error)
        return R"(<td class="bad">✕ failed</td>)";
    if (collector.hasRun)
        return R"(<td class="good">✓ works</td>)";
    return R"(<td class="quiet">– not asked yet</td>)";
}

std::string rowOf(const CollectorRunner::State &collector)
{
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%.1f ms", collector.seconds * 1000);
    std::string note = collector.error ? escaped(collector.error->message) : "";
    if (collector.isRunning)
        note += note.empty() ? "runs now" : "; runs now";
    return "<tr><td>" + escaped(collector.name) + "</td>" + stateOf(collector)
        + R"(<td class="number">)" + (collector.hasRun ? seconds.data() : "") + "</td><td>" + note
        + "</td></tr>\n";
}

std::string itemOf(const StatusPath &path)
{
    const std::string name = escaped(path.path);
    const bool isLink = path.method == "GET";
    return "<li>"
        + (isLink ? "<a href=\"" + name + "\">" + name + "</a> "
                  : name + " by " + escaped(path.method) + ": ")
        + escaped(path.text) + "</li>\n";
}

std::string pathsOf(const Status &status)
{
    std::string text = "<section>\n<h2>Paths</h2>\n<ul>\n";
    text += usualPaths;
    for (const StatusPath &path : status.paths)
        text += itemOf(path);
    return text + "</ul>\n</section>\n";
}

/// What failed comes first: it is what somebody came to see.
std::string collectorsOf(std::vector<CollectorRunner::State> collectors)
{
    const auto hasFailed = [](const CollectorRunner::State &each) {
        return each.error.has_value();
    };
    const auto working = std::ranges::stable_partition(collectors, hasFailed);
    const auto failed = working.begin() - collectors.begin();
    std::string text = "<section>\n<h2>Collectors";
    if (failed > 0)
        text += ", <span class=\"bad\">" + std::to_string(failed) + " of "
            + std::to_string(collectors.size()) + " failed</span>";
    text += "</h2>\n<table>\n<tr><th scope=\"col\">Name</th><th scope=\"col\">State</th>"
            "<th scope=\"col\" class=\"number\">Took</th><th scope=\"col\">Remark</th></tr>\n";
    for (const CollectorRunner::State &collector : collectors)
        text += rowOf(collector);
    return text + "</table>\n</section>\n";
}

} // namespace

std::string statusPage(const Status &status)
{
    std::string page(head);
    page += "<h1>Trendscope exporter <span class=\"quiet\">" + escaped(status.version)
        + "</span></h1>\n<p class=\"quiet\">Listens on ";
    for (std::size_t i = 0; i < status.addresses.size(); ++i)
        page += (i == 0 ? "" : ", ") + escaped(status.addresses[i]);
    page += "</p>\n";
    for (const std::string &problem : status.problems)
        page += "<section class=\"bad\"><p>✕ " + escaped(problem) + "</p></section>\n";
    page += collectorsOf(status.collectors);
    page += pathsOf(status);
    page += "</main>\n</body>\n</html>\n";
    return page;
}

} // namespace trendscope::exporter
