#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

#include <algorithm>
#include <array>
#include <map>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

/// What each network device received and sent: /proc/net/dev.
class TrafficGroup final : public NodeGroup {
public:
    explicit TrafficGroup(const NodeContext &context)
        : NodeGroup("netdev", context)
        , m_file(context.procfs + "/net/dev")
        , m_folder(context.sysfs + "/class/net")
        , m_selection(context.settings.interfaces)
        , m_unhandled(family("receive_nohandler"))
    {
        // In the order of the columns.
        for (const char *const name :
             {"receive_bytes", "receive_packets", "receive_errs", "receive_drop", "receive_fifo",
              "receive_frame", "receive_compressed", "receive_multicast", "transmit_bytes",
              "transmit_packets", "transmit_errs", "transmit_drop", "transmit_fifo",
              "transmit_colls", "transmit_carrier", "transmit_compressed"})
            m_columns.push_back(&family(name));
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        auto text = m_file.read();
        if (!text)
            return tl::unexpected(text.error());
        const NodeFolder devices(m_folder);
        takeLine(*text); // two lines of headings, the same since Linux 2.2
        takeLine(*text);
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            // A device's name may have a colon in it: numbers have none.
            const std::size_t colon = line.rfind(':');
            if (colon == line.npos)
                return notUnderstood(m_file.path());
            std::string_view before = line.substr(0, colon);
            const std::string_view device = takeWord(before);
            line.remove_prefix(colon + 1);
            if (m_selection.has(device))
                show(device, line, devices);
        }
        return {};
    }

private:
    NodeFamily &family(const std::string &name)
    {
        return families().counter("node_network_" + name + "_total",
                                  "Network device statistic " + name + ".", {"device"});
    }

    void show(std::string_view device, std::string_view line, const NodeFolder &devices)
    {
        for (NodeFamily *const column : m_columns) {
            const auto value = numberOf(takeWord(line));
            if (!value)
                return;
            column->set({device}, *value);
        }
        m_path.assign(device).append("/statistics/rx_nohandler");
        if (const auto value = devices.number(m_path.c_str()))
            m_unhandled.set({device}, *value);
    }

    NodeFile m_file;
    const std::string m_folder;
    const NodeSelection m_selection;
    std::vector<NodeFamily *> m_columns;
    NodeFamily &m_unhandled;
    std::string m_path; ///< kept for its memory
};

/// Properties of each network device: /sys/class/net.
class InterfaceGroup final : public NodeGroup {
public:
    explicit InterfaceGroup(const NodeContext &context);

protected:
    Result<void> collect(Clock::time_point) override;

private:
    struct Property {
        const char *file;
        NodeFamily *family;
        double factor = 1;
    };
    void add(const char *file, const std::string &metric, double factor = 1)
    {
        m_properties.push_back({file,
                                &families().gauge("node_network_" + metric,
                                                  "Network device property: " + metric, {"device"}),
                                factor});
    }
    void addCounter(const char *file, const std::string &metric)
    {
        m_properties.push_back(
            {file,
             &families().counter("node_network_" + metric, "Network device property: " + metric,
                                 {"device"})});
    }
    void showInfo(std::string_view device, const NodeFolder &folder);

    const std::string m_folder;
    const NodeSelection m_selection;
    NodeFamily &m_up;
    NodeFamily &m_info;
    std::vector<Property> m_properties;
    std::vector<std::string> m_names;
    std::array<std::string, 5> m_texts; ///< kept for their memory
};

InterfaceGroup::InterfaceGroup(const NodeContext &context)
    : NodeGroup("netclass", context)
    , m_folder(context.sysfs + "/class/net")
    , m_selection(context.settings.interfaceProperties)
    , m_up(families().gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.",
                            {"device"}))
    , m_info(families().gauge("node_network_info",
                              "Non-numeric data from /sys/class/net/<iface>, value is always 1.",
                              {"device", "address", "broadcast", "duplex", "operstate", "ifalias"}))
{
    add("addr_assign_type", "address_assign_type");
    add("carrier", "carrier");
    addCounter("carrier_changes", "carrier_changes_total");
    addCounter("carrier_up_count", "carrier_up_changes_total");
    addCounter("carrier_down_count", "carrier_down_changes_total");
    add("dev_id", "device_id");
    add("dormant", "dormant");
    add("flags", "flags");
    add("ifindex", "iface_id");
    add("iflink", "iface_link");
    add("link_mode", "iface_link_mode");
    add("mtu", "mtu_bytes");
    add("name_assign_type", "name_assign_type");
    add("netdev_group", "net_dev_group");
    constexpr double bytesOfMegabit = 125'000;
    add("speed", "speed_bytes", bytesOfMegabit);
    add("tx_queue_len", "transmit_queue_length");
    add("type", "protocol_type");
}

Result<void> InterfaceGroup::collect(Clock::time_point)
{
    const NodeFolder all(m_folder);
    if (!all.isThere())
        return nothingThere(m_folder);
    all.list(m_names);
    for (const std::string &device : m_names) {
        const NodeFolder folder(all, device);
        if (!folder.isThere() || !m_selection.has(device))
            continue;
        for (const Property &property : m_properties) {
            if (const auto value = folder.number(property.file))
                property.family->set({device}, *value * property.factor);
        }
        showInfo(device, folder);
    }
    return {};
}

void InterfaceGroup::showInfo(std::string_view device, const NodeFolder &folder)
{
    constexpr std::array<const char *, 5> files{"address", "broadcast", "duplex", "operstate",
                                                "ifalias"};
    for (std::size_t i = 0; i < files.size(); ++i)
        m_texts[i] = folder.text(files[i]).value_or("");
    m_up.set({device}, m_texts[3] == "up" ? 1 : 0);
    m_info.set({device, m_texts[0], m_texts[1], m_texts[2], m_texts[3], m_texts[4]}, 1);
}

class ArpGroup final : public NodeGroup {
public:
    explicit ArpGroup(const NodeContext &context)
        : NodeGroup("arp", context)
        , m_file(context.procfs + "/net/arp")
        , m_entries(families().gauge("node_arp_entries", "ARP entries by device", {"device"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        auto text = m_file.read();
        if (!text)
            return tl::unexpected(text.error());
        for (auto &[device, count] : m_counts)
            count = 0;
        takeLine(*text);
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            for (int before = 0; before < 5; ++before)
                takeWord(line);
            const std::string_view device = takeWord(line);
            if (device.empty())
                continue;
            const auto place = m_counts.find(device);
            ++(place == m_counts.end() ? m_counts.emplace(device, 0).first : place)->second;
        }
        std::erase_if(m_counts, [](const auto &entry) { return entry.second == 0; });
        for (const auto &[device, count] : m_counts)
            m_entries.set({device}, count);
        return {};
    }

private:
    NodeFile m_file;
    NodeFamily &m_entries;
    std::map<std::string, double, std::less<>> m_counts;
};

} // namespace

void addNetworkGroups(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<TrafficGroup>(context));
    groups.push_back(std::make_unique<InterfaceGroup>(context));
    groups.push_back(std::make_unique<ArpGroup>(context));
}

} // namespace trendscope::exporter
