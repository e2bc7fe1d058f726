#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;
using observability::MetricDescription;

/// "Active(anon):  1572 kB" is node_memory_Active_anon_bytes.
class MemoryGroup final : public NodeGroup {
public:
    explicit MemoryGroup(const NodeContext &context)
        : NodeGroup("meminfo", context)
        , m_file(context.procfs + "/meminfo")
        , m_fields(families(), describe)
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        auto text = m_file.read();
        if (!text)
            return tl::unexpected(text.error());
        m_fields.begin();
        bool isAny = false;
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            std::string_view name = takeWord(line);
            const auto value = numberOf(takeWord(line));
            if (!name.ends_with(':') || name.size() == 1 || !value)
                continue;
            isAny = true;
            name.remove_suffix(1);
            const bool isKilobytes = takeWord(line) == "kB";
            if (const std::size_t at = name.find('('); at != name.npos && name.ends_with(')'))
                m_name.assign(name, 0, at)
                    .append(1, '_')
                    .append(name, at + 1, name.size() - at - 2);
            else
                m_name = name;
            m_fields.set(m_name, isKilobytes ? "_bytes" : "", *value * (isKilobytes ? 1024 : 1));
        }
        return isAny ? Result<void>() : notUnderstood(m_file.path());
    }

private:
    static MetricDescription describe(const std::string &field)
    {
        return {.name = "node_memory_" + field, .help = "Memory information field " + field + "."};
    }

    NodeFile m_file;
    FieldFamilies m_fields;
    std::string m_name; ///< kept for its memory
};

class VmstatGroup final : public NodeGroup {
public:
    explicit VmstatGroup(const NodeContext &context)
        : NodeGroup("vmstat", context)
        , m_file(context.procfs + "/vmstat")
        , m_selection(context.settings.vmstatFields)
        , m_fields(families(), [this](const std::string &field) { return describe(field); })
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        auto text = m_file.read();
        if (!text)
            return tl::unexpected(text.error());
        m_fields.begin();
        while (!text->empty()) {
            std::string_view line = takeLine(*text);
            const std::string_view name = takeWord(line);
            if (const auto value = numberOf(takeWord(line)))
                m_fields.set("", name, *value);
        }
        return {};
    }

private:
    MetricDescription describe(const std::string &field) const
    {
        if (!m_selection.has(field))
            return {};
        return {.name = "node_vmstat_" + field,
                .type = MetricDescription::Type::Unknown,
                .help = "/proc/vmstat information field " + field + "."};
    }

    NodeFile m_file;
    const NodeSelection m_selection;
    FieldFamilies m_fields;
};

} // namespace

void addMemoryGroups(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<MemoryGroup>(context));
    groups.push_back(std::make_unique<VmstatGroup>(context));
}

} // namespace trendscope::exporter
