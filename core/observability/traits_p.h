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

inline Block load(const char *from)
{
    Block block;
    std::memcpy(&block, from, blockSize);
    return block;
}

/// A text that is shorter than a block, its middle perhaps twice, padded with a character that
/// tells nothing.
inline Block loadShort(std::string_view text)
{
    char buffer[blockSize + 1] = "aaaaaaaaaaaaaaaa";
    const std::size_t size = text.size();
    if (size >= 8) {
        std::memcpy(buffer, text.data(), 8);
        std::memcpy(buffer + 8, text.data() + size - 8, 8);
    } else if (size >= 4) {
        std::memcpy(buffer, text.data(), 4);
        std::memcpy(buffer + 4, text.data() + size - 4, 4);
    } else {
        for (std::size_t i = 0; i < size; ++i)
            buffer[i] = text[i];
    }
    return load(buffer);
}

inline bool hasAny(Block mask)
{
    std::uint64_t halves[2];
    std::memcpy(halves, &mask, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

class Scan {
public:
    void add(Block block)
    {
        using Byte = signed char;
        m_special |= (block < Byte{0x20}) | (block == Byte{0x7F}) | (block == Byte{'\\'});
        m_quote |= block == Byte{'"'};
        // The last byte's neighbour is in the next block, which begins with that byte.
        const Block next = __builtin_shufflevector(block, block, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                                                   12, 13, 14, 15, 15);
        const Block isName = ((block | Byte{0x20}) == Byte{'r'}) | (block == Byte{':'});
        m_suspicious |= (isName & (next == Byte{' '})) | (block == Byte{'='}) | (block == Byte{'@'})
            | (block == Byte{'\''}) | (block == Byte{'J'});
        m_digits -= (block >= Byte{'0'}) & (block <= Byte{'9'});
    }

    Traits traits() const
    {
        unsigned digits = 0;
        for (std::size_t i = 0; i < blockSize; ++i)
            digits += static_cast<std::uint8_t>(m_digits[i]);
        return {.isPlain = !hasAny(m_special | m_quote),
                .isSuspicious = digits >= fewestDigits || hasAny(m_suspicious | m_quote)};
    }

private:
    Block m_special = {};
    Block m_quote = {};
    Block m_suspicious = {};
    Block m_digits = {}; ///< counted for each place of a block; no more than 255 blocks
};

} // namespace detail

inline Traits traitsOf(std::string_view text)
{
    constexpr std::size_t longest = 2048; // so that a count of digits fits a byte
    detail::Scan scan;
    if (text.size() > longest)
        return {.isPlain = false, .isSuspicious = true};
    if (text.size() < detail::blockSize) {
        scan.add(detail::loadShort(text));
        return scan.traits();
    }
    for (std::size_t at = 0; at + detail::blockSize < text.size(); at += detail::blockSize - 1)
        scan.add(detail::load(text.data() + at));
    scan.add(detail::load(text.data() + text.size() - detail::blockSize));
    return scan.traits();
}

} // namespace trendscope::observability::text
