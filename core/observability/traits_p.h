#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

/// What one pass over a text tells, 16 bytes at a time: whether anything must be done to it. Almost
/// never anything must, and this is all that such a text costs.
namespace trendscope::observability::text {

struct Traits {
    bool isPlain = true;       ///< a JSON string as it is: printable ASCII without " and backslash
    bool isSuspicious = false; ///< may hold a secret of a kind that secrets_p.h finds
};

namespace detail {

using Block = signed char __attribute__((vector_size(16)));
constexpr std::size_t blockSize = sizeof(Block);
constexpr unsigned fewestDigits = 13; // of a card number

using Halves = std::uint64_t __attribute__((vector_size(16)));

inline Block load(const char *from)
{
    Block block;
    std::memcpy(&block, from, blockSize);
    return block;
}

template <class Word>
std::uint64_t word(const char *from)
{
    Word value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// A text that is shorter than a block, its middle perhaps twice, padded with a character that
/// tells nothing. In registers: what was just stored in parts can not be loaded as a whole at once.
inline Block loadShort(std::string_view text)
{
    constexpr std::uint64_t padding = 0x6161616161616161;
    const std::size_t size = text.size();
    const char *const end = text.data() + size;
    if (size >= 8)
        return reinterpret_cast<Block>(
            Halves{word<std::uint64_t>(text.data()), word<std::uint64_t>(end - 8)});
    std::uint64_t low = padding;
    if (size >= 4) {
        low = word<std::uint32_t>(text.data()) | word<std::uint32_t>(end - 4) << 32;
    } else {
        for (std::size_t i = 0; i < size; ++i)
            low = low << 8 | static_cast<std::uint8_t>(text[i]);
    }
    return reinterpret_cast<Block>(Halves{low, padding});
}

inline bool hasAny(Block mask)
{
    const auto halves = reinterpret_cast<Halves>(mask);
    return (halves[0] | halves[1]) != 0;
}

/// Of bytes that are at most 127.
inline std::uint64_t sum(Block bytes)
{
    constexpr std::uint64_t even = 0x00FF00FF00FF00FF;
    constexpr std::uint64_t ones = 0x0001000100010001;
    const auto halves = reinterpret_cast<Halves>(bytes);
    const std::uint64_t both = halves[0] + halves[1];
    return ((both & even) + (both >> 8 & even)) * ones >> 48;
}

class Scan {
public:
    /// `next`: each byte's neighbour.
    void add(Block block, Block next)
    {
        using Byte = signed char;
        m_special |= (block < Byte{0x20}) | (block == Byte{0x7F}) | (block == Byte{'\\'});
        m_quote |= block == Byte{'"'};
        m_suspicious |= (block == Byte{'='}) | (block == Byte{'@'}) | (block == Byte{'\''})
            | (block == Byte{'J'});
        addPairs(block, next);
        m_digits -= (block >= Byte{'0'}) & (block <= Byte{'9'});
    }
    /// "Bearer " or with a tab, "name: ", "name:value", "--name" and what begins a PEM block. Not
    /// 10:30 and, because they are frequent, what ends as http: and https: do.
    void addPairs(Block block, Block next)
    {
        using Byte = signed char;
        const Block lower = block | Byte{0x20};
        const Block isBlank = (next == Byte{' '}) | (next == Byte{'\t'});
        const Block isNameEnd = (lower >= Byte{'a'}) & (lower <= Byte{'z'}) & (lower != Byte{'p'})
            & (lower != Byte{'s'});
        m_suspicious |= (((lower == Byte{'r'}) | (block == Byte{':'})) & isBlank)
            | (isNameEnd & (next == Byte{':'})) | ((block == Byte{'-'}) & (next == Byte{'-'}));
    }
    /// Two halves, the last byte of either without its neighbour.
    void addHalves(Block block)
    {
        add(block, reinterpret_cast<Block>(reinterpret_cast<Halves>(block) >> 8));
    }

    Traits traits() const
    {
        return {.isPlain = !hasAny(m_special | m_quote),
                .isSuspicious = sum(m_digits) >= fewestDigits || hasAny(m_suspicious | m_quote)};
    }

private:
    Block m_special = {};
    Block m_quote = {};
    Block m_suspicious = {};
    Block m_digits = {}; ///< counted for each place of a block; no more than 127 blocks
};

} // namespace detail

inline Traits traitsOf(std::string_view text)
{
    constexpr std::size_t longest = 1536; // so that a count of digits fits a byte
    detail::Scan scan;
    if (text.size() > longest)
        return {.isPlain = false, .isSuspicious = true};
    if (text.size() < detail::blockSize) {
        scan.addHalves(detail::loadShort(text));
        return scan.traits();
    }
    const char *const last = text.data() + text.size() - detail::blockSize;
    for (const char *at = text.data(); at < last; at += detail::blockSize)
        scan.add(detail::load(at), detail::load(at + 1));
    scan.addHalves(detail::load(last));
    scan.addPairs(detail::load(last), detail::loadShort({last + 1, detail::blockSize - 1}));
    return scan.traits();
}

} // namespace trendscope::observability::text
