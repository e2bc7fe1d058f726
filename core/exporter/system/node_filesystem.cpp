#include "core/exporter/system/mount_prober_p.h"
#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

bool isOctal(std::string_view digits)
{
    return digits.size() == 3 && digits.find_first_not_of("01234567") == digits.npos;
}

/// A blank is "\040" in the table of mounts, and so are other bytes that would part its fields.
std::string unescaped(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view digits = text.substr(at + 1, 3);
        if (text[at] != '\\' || !isOctal(digits)) {
            out += text[at];
            continue;
        }
        out += static_cast<char>(64 * (digits[0] - '0') + 8 * (digits[1] - '0') + digits[2] - '0');
        at += digits.size();
    }
    return out;
}

bool hasOption(std::string_view options, std::string_view wanted)
{
    while (!options.empty()) {
        const std::string_view option = options.substr(0, options.find(','));
        if (option == wanted)
            return true;
        options.remove_prefix(std::min(option.size() + 1, options.size()));
    }
    return false;
}

/// How full the mounted file systems are.
class FilesystemGroup final : public NodeGroup {
public:
    explicit FilesystemGroup(const NodeContext &context);

protected:
    Result<void> collect(Clock::time_point deadline) override;

private:
    struct Mount {
        std::string device;
        std::string point;
        std::string type;
        bool isReadOnly = false;
    };

    NodeFamily &family(const std::string &name, std::string help)
    {
        return families().gauge("node_filesystem_" + name, std::move(help),
                                {"device", "mountpoint", "fstype"});
    }
    Result<void> readMounts();
    void take(std::string_view line);
    std::string withoutRoot(std::string point) const;
    void show(const Mount &mount, const MountProber::Answer &answer);

    NodeFile m_initMounts;
    NodeFile m_ownMounts;
    const std::string m_root; ///< empty: /
    const NodeSelection m_points;
    const NodeSelection m_types;
    const Clock::duration m_timeout;
    NodeFamily &m_size;
    NodeFamily &m_free;
    NodeFamily &m_available;
    NodeFamily &m_files;
    NodeFamily &m_filesFree;
    NodeFamily &m_readOnly;
    NodeFamily &m_error;
    MountProber m_prober;
    std::string m_known; ///< the table that m_mounts is of
    std::vector<Mount> m_mounts;
    std::vector<std::string> m_paths; ///< where they are for us
};

FilesystemGroup::FilesystemGroup(const NodeContext &context)
    : NodeGroup("filesystem", context)
    , m_initMounts(context.procfs + "/1/mounts")
    , m_ownMounts(context.procfs + "/mounts")
    , m_root(context.settings.rootfs == "/" ? "" : context.settings.rootfs.string())
    , m_points(context.settings.mountPoints)
    , m_types(context.settings.filesystemTypes)
    , m_timeout(context.settings.mountTimeout)
    , m_size(family("size_bytes", "Filesystem size in bytes."))
    , m_free(family("free_bytes", "Filesystem free space in bytes."))
    , m_available(family("avail_bytes", "Filesystem space available to non-root users in bytes."))
    , m_files(family("files", "Filesystem total file nodes."))
    , m_filesFree(family("files_free", "Filesystem total free file nodes."))
    , m_readOnly(family("readonly", "Filesystem read-only status."))
    , m_error(family("device_error",
                     "Whether an error occurred while getting statistics for the given device."))
{
}

Result<void> FilesystemGroup::collect(Clock::time_point deadline)
{
    if (auto done = readMounts(); !done)
        return done;
    const auto now = Clock::now();
    const auto answers = m_prober.ask(m_paths, now + std::min(m_timeout, (deadline - now) / 2));
    for (std::size_t i = 0; i < m_mounts.size(); ++i)
        show(m_mounts[i], answers[i]);
    return {};
}

/// Init's, which are the machine's where the machine's procfs is mounted in a container.
Result<void> FilesystemGroup::readMounts()
{
    auto text = m_initMounts.read();
    if (!text)
        text = m_ownMounts.read(); // it takes privileges to see another's
    if (!text)
        return tl::unexpected(text.error());
    if (*text == m_known)
        return {};
    m_known = *text;
    m_mounts.clear();
    m_paths.clear();
    while (!text->empty())
        take(takeLine(*text));
    return {};
}

void FilesystemGroup::take(std::string_view line)
{
    Mount mount;
    mount.device = takeWord(line);
    const std::string_view point = takeWord(line);
    mount.type = takeWord(line);
    const std::string_view options = takeWord(line);
    if (options.empty()) // a line that was cut
        return;
    mount.point = withoutRoot(unescaped(point));
    mount.isReadOnly = hasOption(options, "ro");
    if (!m_points.has(mount.point) || !m_types.has(mount.type))
        return;
    m_paths.push_back(mount.point == "/" && !m_root.empty() ? m_root : m_root + mount.point);
    m_mounts.push_back(std::move(mount));
}

std::string FilesystemGroup::withoutRoot(std::string point) const
{
    if (m_root.empty() || !point.starts_with(m_root))
        return point;
    if (point.size() == m_root.size())
        return "/";
    return point[m_root.size()] == '/' ? point.substr(m_root.size()) : point;
}

void FilesystemGroup::show(const Mount &mount, const MountProber::Answer &answer)
{
    const auto set = [&](NodeFamily &family, double value) {
        family.set({mount.device, mount.point, mount.type}, value);
    };
    set(m_error, answer.isThere ? 0 : 1);
    if (!answer.isThere)
        return;
    set(m_readOnly, mount.isReadOnly ? 1 : 0);
    const struct statvfs &space = answer.space;
    const auto unit = static_cast<double>(space.f_frsize);
    set(m_size, static_cast<double>(space.f_blocks) * unit);
    set(m_free, static_cast<double>(space.f_bfree) * unit);
    set(m_available, static_cast<double>(space.f_bavail) * unit);
    set(m_files, static_cast<double>(space.f_files));
    set(m_filesFree, static_cast<double>(space.f_ffree));
}

} // namespace

void addFilesystemGroup(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<FilesystemGroup>(context));
}

} // namespace trendscope::exporter
