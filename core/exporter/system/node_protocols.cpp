#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

#include <unistd.h>

#include <array>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;
using observability::MetricDescription;

/// Counters of the network protocols: /proc/net/netstat, snmp and snmp6.
class NetstatGroup final : public NodeGroup {
public:
    explicit NetstatGroup(const NodeContext &context)
        : NodeGroup("netstat", context)
        , m_netstat(context.procfs + "/net/netstat")
        , m_snmp(context.procfs + "/net/snmp")
        , m_snmp6(context.procfs + "/net/snmp6")
        , m_selection(context.settings.netstatFields)
        , m_fields(families(), [this](const std::string &field) { return describe(field); })
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        m_fields.begin();
        if (auto done = readTables(m_netstat); !done)
            return done;
        if (auto done = readTables(m_snmp); !done)
            return done;
        auto done = readList();
        const bool isWithoutIpv6 = !done && done.error().kind == Error::Kind::NotFound;
        return isWithoutIpv6 ? Result<void>() : done;
    }

private:
    MetricDescription describe(const std::string &field) const
    {
        if (!m_selection.has(field))
            return {};
        std::string name = field;
        name.erase(name.find('_'), 1);
        return {.name = "node_netstat_" + field,
                .type = MetricDescription::Type::Unknown,
                .help = "Statistic " + name + "."};
    }

    /// Pairs of lines: "Tcp: RtoMin RtoMax …", then "Tcp: 200 120000 …".
    Result<void> readTables(NodeFile &file)
    {
        auto text = file.read();
        if (!text)
            return tl::unexpected(text.error());
        while (!text->empty()) {
            std::string_view names = takeLine(*text);
            std::string_view values = takeLine(*text);
            const std::string_view protocol = takeWord(names);
            if (!protocol.ends_with(':') || takeWord(values) != protocol)
                return notUnderstood(file.path());
            m_prefix.assign(protocol, 0, protocol.size() - 1).append(1, '_');
            for (auto name = takeWord(names); !name.empty(); name = takeWord(names)) {
                const auto value = numberOf(takeWord(values));
                if (!value)
                    return notUnderstood(file.path());
                m_fields.set(m_prefix, name, *value);
            }
        }
        return {};
    }

    /// "Ip6InReceives  3": the protocol's name ends with the 6.
    Result<void> readList()
    {
        auto text = m_snmp6.read();
        if (!text)
            return tl::unexpected(text.error());
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            const std::string_view name = takeWord(line);
            const std::size_t six = name.find('6');
            const auto value = numberOf(takeWord(line));
            if (six == name.npos || !value)
                continue;
            m_prefix.assign(name, 0, six + 1).append(1, '_');
            m_fields.set(m_prefix, name.substr(six + 1), *value);
        }
        return {};
    }

    NodeFile m_netstat;
    NodeFile m_snmp;
    NodeFile m_snmp6;
    const NodeSelection m_selection;
    FieldFamilies m_fields;
    std::string m_prefix; ///< kept for its memory
};

/// Numbers of sockets by protocol and state.
class SockstatGroup final : public NodeGroup {
public:
    explicit SockstatGroup(const NodeContext &context)
        : NodeGroup("sockstat", context)
        , m_ipv4(context.procfs + "/net/sockstat")
        , m_ipv6(context.procfs + "/net/sockstat6")
        , m_fields(families(), describe)
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        m_fields.begin();
        for (NodeFile *const file : {&m_ipv4, &m_ipv6}) {
            const auto text = file->read();
            if (text)
                read(*text);
            else if (text.error().kind != Error::Kind::NotFound)
                return tl::unexpected(text.error());
        }
        return {};
    }

private:
    static MetricDescription describe(const std::string &field)
    {
        const std::size_t at = field.find('_');
        return {.name = "node_sockstat_" + field,
                .help = field == "sockets_used" ? "Number of IPv4 sockets in use."
                                                : "Number of " + field.substr(0, at)
                        + " sockets in state " + field.substr(at + 1) + "."};
    }

    void read(std::string_view text)
    {
        while (!text.empty()) {
            std::string_view line = takeLine(text);
            const std::string_view protocol = takeWord(line);
            if (!protocol.ends_with(':'))
                continue;
            m_prefix.assign(protocol, 0, protocol.size() - 1).append(1, '_');
            for (auto name = takeWord(line); !name.empty(); name = takeWord(line)) {
                const auto value = numberOf(takeWord(line));
                if (!value)
                    break;
                m_fields.set(m_prefix, name, *value);
                if (name == "mem") // in pages
                    m_fields.set(m_prefix, "mem_bytes", *value * m_pageSize);
            }
        }
    }

    NodeFile m_ipv4;
    NodeFile m_ipv6;
    FieldFamilies m_fields;
    const double m_pageSize = static_cast<double>(::sysconf(_SC_PAGESIZE));
    std::string m_prefix;
};

/// Bytes that wait in UDP sockets.
class UdpQueueGroup final : public NodeGroup {
public:
    explicit UdpQueueGroup(const NodeContext &context)
        : NodeGroup("udp_queues", context)
        , m_ipv4(context.procfs + "/net/udp")
        , m_ipv6(context.procfs + "/net/udp6")
        , m_queues(families().gauge(
              "node_udp_queues",
              "Number of allocated memory in the kernel for UDP datagrams in bytes.",
              {"queue", "ip"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        const auto ipv4 = read(m_ipv4, "v4");
        const auto ipv6 = read(m_ipv6, "v6");
        return ipv4 || !ipv6 ? ipv4 : ipv6; // one of them may be off
    }

private:
    Result<void> read(NodeFile &file, std::string_view ip)
    {
        auto text = file.read();
        if (!text)
            return tl::unexpected(text.error());
        double sent = 0;
        double received = 0;
        takeLine(*text);
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            for (int before = 0; before < 4; ++before)
                takeWord(line);
            const std::string_view queues = takeWord(line); // 00000000:00000000
            const std::size_t colon = queues.find(':');
            if (colon == queues.npos)
                continue;
            sent += hexOf(queues.substr(0, colon)).value_or(0);
            received += hexOf(queues.substr(colon + 1)).value_or(0);
        }
        m_queues.set({"tx", ip}, sent);
        m_queues.set({"rx", ip}, received);
        return {};
    }

    NodeFile m_ipv4;
    NodeFile m_ipv6;
    NodeFamily &m_queues;
};

} // namespace

void addProtocolGroups(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<NetstatGroup>(context));
    groups.push_back(std::make_unique<SockstatGroup>(context));
    groups.push_back(std::make_unique<UdpQueueGroup>(context));
}

} // namespace trendscope::exporter
