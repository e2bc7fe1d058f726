#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

#include <array>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

/// What udev knows of a device: E:KEY=VALUE lines.
class UdevProperties {
public:
    /// Until the next call.
    void read(const NodeFolder &folder, const std::string &name)
    {
        m_properties.clear();
        m_text = folder.text(name.c_str()).value_or("");
        for (std::string_view rest = m_text; !rest.empty();) {
            const std::string_view line = takeLine(rest);
            const std::size_t equals = line.find('=');
            if (line.starts_with("E:") && equals != line.npos)
                m_properties.emplace_back(line.substr(2, equals - 2), line.substr(equals + 1));
        }
    }

    std::string_view operator[](std::string_view key) const
    {
        for (const auto &[name, value] : m_properties)
            if (name == key)
                return value;
        return {};
    }

private:
    std::string m_text;
    std::vector<std::pair<std::string_view, std::string_view>> m_properties;
};

/// What was read from and written to each block device: /proc/diskstats
/// (https://docs.kernel.org/admin-guide/iostats.html).
class DiskGroup final : public NodeGroup {
public:
    explicit DiskGroup(const NodeContext &context);

protected:
    Result<void> collect(Clock::time_point) override;

private:
    struct Column {
        NodeFamily *family;
        double factor;
    };
    static constexpr double sector = 512; ///< bytes, whatever the device's own are
    static constexpr double millisecond = .001;

    void add(const std::string &name, std::string help, double factor = 1)
    {
        m_columns.push_back(
            {&families().counter("node_disk_" + name + "_total", std::move(help), {"device"}),
             factor});
    }
    void showProperties(std::string_view device, std::string_view major, std::string_view minor);

    NodeFile m_file;
    const std::string m_udevData;
    const NodeSelection m_selection;
    std::vector<Column> m_columns;
    NodeFamily &m_info;
    NodeFamily &m_filesystem;
    NodeFamily &m_mapper;
    std::array<std::pair<std::string_view, NodeFamily *>, 3> m_ata;
    UdevProperties m_udev;
    std::string m_path;
};

DiskGroup::DiskGroup(const NodeContext &context)
    : NodeGroup("diskstats", context)
    , m_file(context.procfs + "/diskstats")
    , m_udevData(context.settings.udevData.string())
    , m_selection(context.settings.disks)
    , m_info(families().gauge(
          "node_disk_info", "Info of /sys/block/<block_device>.",
          {"device", "major", "minor", "path", "wwn", "model", "serial", "revision"}))
    , m_filesystem(families().gauge("node_disk_filesystem_info", "Info about disk filesystem.",
                                    {"device", "type", "usage", "uuid", "version"}))
    , m_mapper(families().gauge("node_disk_device_mapper_info", "Info about disk device mapper.",
                                {"device", "name", "uuid", "vg_name", "lv_name", "lv_layer"}))
    , m_ata{{{"ID_ATA_WRITE_CACHE",
              &families().gauge("node_disk_ata_write_cache", "ATA disk has a write cache.",
                                {"device"})},
             {"ID_ATA_WRITE_CACHE_ENABLED",
              &families().gauge("node_disk_ata_write_cache_enabled",
                                "ATA disk has its write cache enabled.", {"device"})},
             {"ID_ATA_ROTATION_RATE_RPM",
              &families().gauge("node_disk_ata_rotation_rate_rpm",
                                "ATA disk rotation rate in RPMs (0 for SSDs).", {"device"})}}}
{
    add("reads_completed", "The total number of reads completed successfully.");
    add("reads_merged", "The total number of reads merged.");
    add("read_bytes", "The total number of bytes read successfully.", sector);
    add("read_time_seconds", "The total number of seconds spent by all reads.", millisecond);
    add("writes_completed", "The total number of writes completed successfully.");
    add("writes_merged", "The number of writes merged.");
    add("written_bytes", "The total number of bytes written successfully.", sector);
    add("write_time_seconds", "This is the total number of seconds spent by all writes.",
        millisecond);
    m_columns.push_back({&families().gauge("node_disk_io_now",
                                           "The number of I/Os currently in progress.", {"device"}),
                         1});
    add("io_time_seconds", "Total seconds spent doing I/Os.", millisecond);
    add("io_time_weighted_seconds", "The weighted # of seconds spent doing I/Os.", millisecond);
    add("discards_completed", "The total number of discards completed successfully.");
    add("discards_merged", "The total number of discards merged.");
    add("discarded_sectors", "The total number of sectors discarded successfully.");
    add("discard_time_seconds", "This is the total number of seconds spent by all discards.",
        millisecond);
    add("flush_requests", "The total number of flush requests completed successfully");
    add("flush_requests_time_seconds",
        "This is the total number of seconds spent by all flush requests.", millisecond);
}

Result<void> DiskGroup::collect(Clock::time_point)
{
    auto text = m_file.read();
    if (!text)
        return tl::unexpected(text.error());
    while (!text->empty()) {
        std::string_view line = takeLine(*text);
        const std::string_view major = takeWord(line);
        const std::string_view minor = takeWord(line);
        const std::string_view device = takeWord(line);
        if (!isDigits(major) || !isDigits(minor) || device.empty())
            return notUnderstood(m_file.path());
        if (!m_selection.has(device))
            continue;
        showProperties(device, major, minor);
        for (const auto &[family, factor] : m_columns) { // old kernels have fewer
            const auto value = numberOf(takeWord(line));
            if (!value)
                break;
            family->set({device}, *value * factor);
        }
    }
    return {};
}

void DiskGroup::showProperties(std::string_view device, std::string_view major,
                               std::string_view minor)
{
    const NodeFolder folder(m_udevData);
    m_path.assign("b").append(major).append(1, ':').append(minor);
    m_udev.read(folder, m_path);
    m_info.set({device, major, minor, m_udev["ID_PATH"], m_udev["ID_WWN"], m_udev["ID_MODEL"],
                m_udev["ID_SERIAL_SHORT"], m_udev["ID_REVISION"]},
               1);
    if (const std::string_view type = m_udev["ID_FS_TYPE"]; !type.empty())
        m_filesystem.set(
            {device, type, m_udev["ID_FS_USAGE"], m_udev["ID_FS_UUID"], m_udev["ID_FS_VERSION"]},
            1);
    if (const std::string_view name = m_udev["DM_NAME"]; !name.empty())
        m_mapper.set({device, name, m_udev["DM_UUID"], m_udev["DM_VG_NAME"], m_udev["DM_LV_NAME"],
                      m_udev["DM_LV_LAYER"]},
                     1);
    if (m_udev["ID_ATA"].empty())
        return;
    for (const auto &[key, family] : m_ata) {
        if (const auto value = numberOf(m_udev[key]))
            family->set({device}, *value);
    }
}

} // namespace

void addDiskGroup(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<DiskGroup>(context));
}

} // namespace trendscope::exporter
