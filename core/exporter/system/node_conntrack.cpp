#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

/// Connections that the firewall knows.
class ConntrackGroup final : public NodeGroup {
public:
    explicit ConntrackGroup(const NodeContext &context)
        : NodeGroup("conntrack", context)
        , m_count(context.procfs + "/sys/net/netfilter/nf_conntrack_count")
        , m_limit(context.procfs + "/sys/net/netfilter/nf_conntrack_max")
        , m_stat(context.procfs + "/net/stat/nf_conntrack")
        , m_entries(families().gauge(
              "node_nf_conntrack_entries",
              "Number of currently allocated flow entries for connection tracking."))
        , m_entriesLimit(families().gauge("node_nf_conntrack_entries_limit",
                                          "Maximum size of connection tracking table."))
    {
        add("found", "Number of searched entries which were successful.");
        add("invalid", "Number of packets seen which can not be tracked.");
        add("ignore", "Number of packets seen which are already connected to a conntrack entry.");
        add("insert", "Number of entries inserted into the list.");
        add("insert_failed",
            "Number of entries for which list insertion was attempted but failed.");
        add("drop", "Number of packets dropped due to conntrack failure.");
        add("early_drop",
            "Number of dropped conntrack entries to make room for new ones, if "
            "maximum table size was reached.");
        add("search_restart",
            "Number of conntrack table lookups which had to be restarted due to "
            "hashtable resizes.");
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        return readNumber(m_count, m_entries)
            .and_then([this] { return readNumber(m_limit, m_entriesLimit); })
            .and_then([this] { return readTable(); });
    }

private:
    struct Column {
        std::string_view name;
        NodeFamily *family;
        double sum = 0;
        bool isThere = false;
    };

    void add(std::string_view name, std::string help)
    {
        m_columns.push_back(
            {name,
             &families().gauge("node_nf_conntrack_stat_" + std::string(name), std::move(help))});
    }

    static Result<void> readNumber(NodeFile &file, NodeFamily &family)
    {
        auto text = file.read();
        if (!text)
            return tl::unexpected(text.error());
        std::string_view line = takeLine(*text);
        const auto value = numberOf(takeWord(line));
        if (!value)
            return notUnderstood(file.path());
        family.set(*value);
        return {};
    }

    /// A line of names, then one of hexadecimal numbers for each processor.
    Result<void> readTable()
    {
        auto text = m_stat.read();
        if (!text)
            return tl::unexpected(text.error());
        const std::string_view names = takeLine(*text);
        for (Column &column : m_columns)
            column = {column.name, column.family};
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            std::string_view rest = names;
            for (auto name = takeWord(rest); !name.empty(); name = takeWord(rest))
                addTo(name, hexOf(takeWord(line)));
        }
        for (const Column &column : m_columns)
            if (column.isThere)
                column.family->set(column.sum);
        return {};
    }

    void addTo(std::string_view name, std::optional<double> value)
    {
        for (Column &column : m_columns) {
            if (column.name == name && value) {
                column.sum += *value;
                column.isThere = true;
            }
        }
    }

    NodeFile m_count;
    NodeFile m_limit;
    NodeFile m_stat;
    NodeFamily &m_entries;
    NodeFamily &m_entriesLimit;
    std::vector<Column> m_columns;
};

} // namespace

void addConntrackGroup(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<ConntrackGroup>(context));
}

} // namespace trendscope::exporter
