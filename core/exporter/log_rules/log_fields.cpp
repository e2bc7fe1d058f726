#include "core/exporter/log_rules/log_fields_p.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <unordered_map>

namespace trendscope::exporter {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr LogFields::Slot noSlot = 0xffff;
constexpr std::size_t maximumLearned = 96; // keys of one object that nobody asked for
constexpr std::size_t maximumLearnedSize = 64;

/// `context.http\.method` → context, http.method.
std::vector<std::string> segments(std::string_view name)
{
    std::vector<std::string> out(1);
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '\\' && i + 1 < name.size())
            out.back() += name[++i];
        else if (name[i] == '.')
            out.emplace_back();
        else
            out.back() += name[i];
    }
    return out;
}

std::string_view trimmed(std::string_view token)
{
    while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ')
        token.remove_suffix(1);
    return token;
}

} // namespace

/// The keys of one object that were chosen, and some that only were met.
///
/// Records of a kind have their keys in one order, so each key knows which one came after it the
/// last time; that guess nearly always saves the lookup.
struct LogFields::Node {
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view>()(text);
        }
    };
    struct Key {
        explicit Key(const std::string &name)
            : quoted(name + '"')
        {
            const std::size_t size = std::min(quoted.size(), headSize);
            std::memcpy(head.data(), quoted.data(), size);
            std::memset(mask.data(), 0xff, size);
        }

        /// Whether `text`, of which `headSize` bytes can be read, begins with the key.
        bool begins(const char *text, std::size_t size) const
        {
            Words words{};
            std::memcpy(words.data(), text, headSize);
            if (((words[0] ^ head[0]) & mask[0]) | ((words[1] ^ head[1]) & mask[1]))
                return false;
            return quoted.size() <= size
                && (quoted.size() <= headSize
                    || std::memcmp(text + headSize, quoted.data() + headSize,
                                   quoted.size() - headSize)
                        == 0);
        }

        using Words = std::array<std::uint64_t, 2>; // memcmp costs more than all the rest of a key
        static constexpr std::size_t headSize = sizeof(Words);
        static_assert(headSize <= simdjson::SIMDJSON_PADDING);

        std::string quoted; ///< with the quote that ends it
        Words head{};
        Words mask{};
        Slot slot = noSlot;
        std::unique_ptr<Node> child = nullptr;
        std::uint16_t next = 0;
    };

    Node() { keys.emplace_back(std::string()); }

    Key &choose(const std::string &name) { return keys[indexOf(name)]; }

    std::uint16_t indexOf(const std::string &name)
    {
        const auto [place, isNew] =
            indices.try_emplace(name, static_cast<std::uint16_t>(keys.size()));
        if (isNew)
            keys.emplace_back(name);
        return place->second;
    }

    std::vector<Key> keys; ///< the first stands for the object's beginning, and for unknown keys
    std::unordered_map<std::string, std::uint16_t, Hash, std::equal_to<>> indices;
    std::size_t learned = 0;
};

struct LogFields::Parser {
    bool readObject(ondemand::object &object, Node &node)
    {
        std::uint16_t previous = 0;
        for (auto item : object) {
            if (item.error())
                return false;
            // By reference: a copy made at once stalls the processor, which costs as much as all
            // the rest.
            ondemand::field &field = item.value_unsafe();
            const std::uint16_t index = keyAfter(node, previous, field);
            ondemand::value &value = field.value();
            ondemand::json_type type{};
            if (value.type().get(type) || !readValue(value, type, node.keys[index]))
                return false;
            previous = index;
        }
        return true;
    }

    bool readValue(ondemand::value &value, ondemand::json_type type, Node::Key &key)
    {
        if (key.slot == noSlot && !key.child)
            return true;
        const std::string_view token = value.raw_json_token();
        if (key.slot != noSlot)
            (*found)[key.slot].line = 0;
        if (key.slot != noSlot && type != ondemand::json_type::null) {
            (*found)[key.slot].raw = trimmed(token);
            (*found)[key.slot].line = line;
        }
        if (type != ondemand::json_type::object || !key.child)
            return true;
        ondemand::object object;
        return !value.get_object().get(object) && readObject(object, *key.child);
    }

    std::uint16_t keyAfter(Node &node, std::uint16_t previous, ondemand::field &field) const
    {
        const char *const begin = field.key().raw();
        const std::uint16_t guess = node.keys[previous].next;
        if (guess != 0 && node.keys[guess].begins(begin, static_cast<std::size_t>(end - begin)))
            return guess;
        const std::uint16_t index = lookUp(node, begin, field);
        node.keys[previous].next = index;
        return index;
    }

    std::uint16_t lookUp(Node &node, const char *begin, ondemand::field &field) const
    {
        const char *stop = begin;
        while (stop < end && *stop != '"' && *stop != '\\')
            ++stop;
        std::string_view name(begin, static_cast<std::size_t>(stop - begin));
        const bool isPlain = stop < end && *stop == '"';
        if (!isPlain && field.unescaped_key().get(name))
            return 0;
        if (const auto known = node.indices.find(name); known != node.indices.end())
            return known->second;
        if (!isPlain || name.size() > maximumLearnedSize || node.learned == maximumLearned)
            return 0;
        ++node.learned;
        return node.indexOf(std::string(name));
    }

    ondemand::parser lines;
    ondemand::parser strings; // for one string, while the line's document is in use no more
    std::string padded;
    std::vector<Field> *found = nullptr;
    std::uint64_t line = 0;
    const char *end = nullptr;
};

LogFields::LogFields()
    : m_parser(std::make_unique<Parser>())
    , m_root(std::make_unique<Node>())
{
    m_parser->found = &m_found;
}

LogFields::~LogFields() = default;

std::size_t LogFields::padding()
{
    return simdjson::SIMDJSON_PADDING;
}

LogFields::Ref LogFields::add(const std::vector<std::string> &names)
{
    Ref out;
    for (const std::string &name : names) {
        std::vector<std::string> path = segments(name);
        out.push_back(slotOf(path));
        if (path.front() == "context" && path.size() > 1)
            continue;
        path.insert(path.begin(), "context");
        out.push_back(slotOf(path));
    }
    return out;
}

LogFields::Slot LogFields::slotOf(const std::vector<std::string> &path)
{
    Node *node = m_root.get();
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        std::unique_ptr<Node> &child = node->choose(path[i]).child;
        if (!child)
            child = std::make_unique<Node>();
        node = child.get();
    }
    Slot &slot = node->choose(path.back()).slot;
    if (slot == noSlot) {
        slot = static_cast<Slot>(m_found.size());
        m_found.emplace_back();
    }
    return slot;
}

LogFields::Fault LogFields::read(std::string_view line)
{
    m_parser->line = ++m_line;
    m_parser->end = line.data() + line.size();
    const simdjson::padded_string_view json(line.data(), line.size(), line.size() + padding());
    ondemand::document document;
    ondemand::object object;
    auto error = m_parser->lines.iterate(json).get(document);
    if (!error)
        error = document.get_object().get(object);
    // Nothing may come after the object.
    if (!error && m_parser->readObject(object, *m_root)
        && document.current_location().error() == simdjson::OUT_OF_BOUNDS)
        return Fault::None;
    ++m_line; // what was found before the fault is not trusted
    return error == simdjson::UTF8_ERROR ? Fault::InvalidUtf8 : Fault::NotJson;
}

std::size_t LogFields::hashOf(const Field &field) const
{
    if (field.hashLine != m_line) {
        field.hash = std::hash<std::string_view>()(field.raw);
        field.hashLine = m_line;
    }
    return field.hash;
}

const std::string_view *LogFields::textOf(const Field &found) const
{
    const std::string_view raw = found.raw;
    if (raw.empty() || raw.front() == '{' || raw.front() == '[')
        return nullptr;
    if (found.textLine == m_line)
        return &found.text;
    found.textLine = m_line;
    if (raw.front() != '"') {
        found.text = raw;
        return &found.text;
    }
    found.text = raw.substr(1, raw.size() - 2);
    if (found.text.find('\\') == std::string_view::npos)
        return &found.text;
    m_parser->padded.assign(raw);
    m_parser->padded.append(padding(), '\0');
    const simdjson::padded_string_view json(m_parser->padded.data(), raw.size(),
                                            m_parser->padded.size());
    ondemand::document document;
    std::string_view unescaped;
    // A lone surrogate has no UTF-8: the text then stays as it is written.
    if (m_parser->strings.iterate(json).get(document) || document.get_string().get(unescaped))
        return &found.text;
    found.unescaped = unescaped;
    found.text = found.unescaped;
    return &found.text;
}

} // namespace trendscope::exporter
