#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

#include <sys/utsname.h>

#include <map>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

class UnameGroup final : public NodeGroup {
public:
    explicit UnameGroup(const NodeContext &context)
        : NodeGroup("uname", context)
        , m_info(families().gauge(
              "node_uname_info", "Labeled system information as provided by the uname system call.",
              {"sysname", "release", "version", "machine", "nodename", "domainname"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        struct utsname name { };
        ::uname(&name); // fails only with a bad address
        m_info.set({name.sysname, name.release, name.version, name.machine, name.nodename,
                    name.domainname},
                   1);
        return {};
    }

private:
    NodeFamily &m_info;
};

/// A value of os-release, which is a shell's: quotes, and backslashes within double ones.
std::string unquoted(std::string_view value)
{
    const char quote = value.empty() ? '\0' : value.front();
    if (quote != '"' && quote != '\'')
        return std::string(value.substr(0, value.find_last_not_of(" \t\r") + 1));
    std::string out;
    for (std::size_t at = 1; at < value.size() && value[at] != quote; ++at) {
        if (value[at] == '\\' && quote == '"' && at + 1 < value.size())
            ++at;
        out += value[at];
    }
    return out;
}

/// https://www.freedesktop.org/software/systemd/man/latest/os-release.html
class SystemReleaseGroup final : public NodeGroup {
public:
    explicit SystemReleaseGroup(const NodeContext &context)
        : NodeGroup("os", context)
        , m_own(context.settings.rootfs.string() + "/etc/os-release")
        , m_distribution(context.settings.rootfs.string() + "/usr/lib/os-release")
        , m_info(families().gauge(
              "node_os_info",
              "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, "
              "image_version, name, pretty_name, variant, variant_id, version, version_codename, "
              "version_id.",
              {"build_id", "id", "id_like", "image_id", "image_version", "name", "pretty_name",
               "variant", "variant_id", "version", "version_codename", "version_id"}))
        , m_version(families().gauge("node_os_version",
                                     "Metric containing the major.minor part of the OS version.",
                                     {"id", "id_like", "name"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        // Distributions replace the file, so one that is kept open would be the old one.
        auto text =
            NodeFile(m_own).read().map([](std::string_view own) { return std::string(own); });
        if (!text)
            text = NodeFile(m_distribution).read().map([](std::string_view all) {
                return std::string(all);
            });
        if (!text)
            return tl::unexpected(text.error());
        if (*text != m_known)
            parse(*text);
        m_info.set({m_values["BUILD_ID"], m_values["ID"], m_values["ID_LIKE"], m_values["IMAGE_ID"],
                    m_values["IMAGE_VERSION"], m_values["NAME"], m_values["PRETTY_NAME"],
                    m_values["VARIANT"], m_values["VARIANT_ID"], m_values["VERSION"],
                    m_values["VERSION_CODENAME"], m_values["VERSION_ID"]},
                   1);
        const std::string_view id = m_values["VERSION_ID"];
        double version = 0;
        if (!id.empty() && isDigits(id.substr(0, 1))) // "12", "22.04", "3.18.4"
            std::from_chars(id.data(), id.data() + id.size(), version, std::chars_format::fixed);
        if (version > 0)
            m_version.set({m_values["ID"], m_values["ID_LIKE"], m_values["NAME"]}, version);
        return {};
    }

private:
    void parse(const std::string &text)
    {
        m_known = text;
        m_values.clear();
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view line = takeLine(rest);
            const std::size_t equals = line.find('=');
            if (equals != line.npos && !line.starts_with('#'))
                m_values.insert_or_assign(std::string(line.substr(0, equals)),
                                          unquoted(line.substr(equals + 1)));
        }
    }

    const std::string m_own;
    const std::string m_distribution;
    NodeFamily &m_info;
    NodeFamily &m_version;
    std::string m_known; ///< the text that m_values is of
    std::map<std::string, std::string, std::less<>> m_values;
};

/// Numbers in a file of /proc/sys: at that place, counted from 0.
class SysctlGroup final : public NodeGroup {
public:
    SysctlGroup(std::string_view name, const NodeContext &context)
        : NodeGroup(name, context)
        , m_root(context.procfs + "/sys/")
    {
    }

    void add(const std::string &file, int place, NodeFamily &family)
    {
        m_numbers.push_back({std::make_unique<NodeFile>(m_root + file), place, &family});
    }
    using NodeGroup::families;

protected:
    Result<void> collect(Clock::time_point) override
    {
        for (const Number &number : m_numbers) {
            auto text = number.file->read();
            if (!text)
                return tl::unexpected(text.error());
            std::string_view line = takeLine(*text);
            for (int before = 0; before < number.place; ++before)
                takeWord(line);
            const auto value = numberOf(takeWord(line));
            if (!value)
                return notUnderstood(number.file->path());
            number.family->set(*value);
        }
        return {};
    }

private:
    struct Number {
        std::unique_ptr<NodeFile> file;
        int place;
        NodeFamily *family;
    };
    const std::string m_root;
    std::vector<Number> m_numbers;
};

} // namespace

void addHostGroups(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<UnameGroup>(context));
    groups.push_back(std::make_unique<SystemReleaseGroup>(context));

    auto files = std::make_unique<SysctlGroup>("filefd", context);
    files->add(
        "fs/file-nr", 0,
        files->families().gauge("node_filefd_allocated", "File descriptor statistics: allocated."));
    files->add(
        "fs/file-nr", 2,
        files->families().gauge("node_filefd_maximum", "File descriptor statistics: maximum."));
    groups.push_back(std::move(files));

    auto entropy = std::make_unique<SysctlGroup>("entropy", context);
    entropy->add(
        "kernel/random/entropy_avail", 0,
        entropy->families().gauge("node_entropy_available_bits", "Bits of available entropy."));
    entropy->add("kernel/random/poolsize", 0,
                 entropy->families().gauge("node_entropy_pool_size_bits", "Bits of entropy pool."));
    groups.push_back(std::move(entropy));
}

} // namespace trendscope::exporter
