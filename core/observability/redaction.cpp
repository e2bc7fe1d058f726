#include "core/observability/redaction.h"

#include "core/observability/json_p.h"
#include "core/observability/key_text_p.h"
#include "core/observability/secrets_p.h"
#include "core/observability/traits_p.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstring>
#include <forward_list>
#include <mutex>

namespace trendscope::observability {

namespace {

/// How a secret is written does not make it less of one.
constexpr auto qualifiers = std::to_array<std::string_view>(
    {"value",     "hash",    "header",  "id",           "text",   "string", "plain",
     "plaintext", "raw",     "hex",     "base64",       "b64",    "pem",    "file",
     "base",      "encoded", "enc",     "encrypted",    "hashed", "v",      "old",
     "new",       "current", "confirm", "confirmation", "repeat", "again"});

bool isUpper(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return isUpper(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

/// The words of a key, in lower case and joined, and where each begins.
struct Words {
    std::string text;
    std::vector<std::size_t> begins;

    explicit Words(std::string_view key)
    {
        for (std::size_t i = 0; i < key.size(); ++i) {
            if (!isLetter(key[i]) && !isDigit(key[i]))
                continue;
            if (i == 0 || isBoundary(key, i))
                begins.push_back(text.size());
            text += static_cast<char>(isUpper(key[i]) ? key[i] - 'A' + 'a' : key[i]);
        }
    }

    /// Takes numbers and words for the secret's form from the end, but never everything.
    bool dropQualifier()
    {
        const bool isQualified = begins.size() > 1
            && std::find(qualifiers.begin(), qualifiers.end(),
                         std::string_view(text).substr(begins.back()))
                != qualifiers.end();
        const std::size_t digits = text.find_last_not_of("0123456789") + 1;
        if (isQualified)
            resize(begins.back());
        else if (digits > 0 && digits < text.size())
            resize(digits);
        else
            return false;
        return true;
    }

    bool endsIn(std::string_view secret) const
    {
        constexpr std::size_t shortestPart = 5; // "pass" is in "bypass"
        if (!text.ends_with(secret))
            return false;
        const std::size_t begin = text.size() - secret.size();
        return secret.size() >= shortestPart
            || std::find(begins.begin(), begins.end(), begin) != begins.end();
    }

private:
    /// Before a capital that ends a run of small letters or that begins a word (APIKey).
    static bool isBoundary(std::string_view key, std::size_t at)
    {
        const char before = key[at - 1];
        if (!isLetter(before) && !isDigit(before))
            return true;
        if (!isUpper(key[at]))
            return false;
        const bool beginsWord =
            at + 1 < key.size() && isLetter(key[at + 1]) && !isUpper(key[at + 1]);
        return !isUpper(before) || beginsWord;
    }

    void resize(std::size_t size)
    {
        text.resize(size);
        while (!begins.empty() && begins.back() >= size)
            begins.pop_back();
    }
};

/// Verdicts on keys, which are few and come again with each record. Lock-free to read: entries are
/// only ever added, to a bounded number of places, so that a stranger's keys can not fill the
/// memory.
class KeyCache {
public:
    static constexpr std::size_t longestKey = 40;

    struct Entry {
        std::string key;
        KeyText::Form form;
    };

    const Entry *find(std::string_view key) const
    {
        for (std::size_t probe = 0; probe < probes; ++probe) {
            const Entry *const entry = m_slots[slotOf(key, probe)].load(std::memory_order_acquire);
            if (!entry || entry->key == key)
                return entry;
        }
        return nullptr;
    }

    /// Null when there is no place for it.
    const Entry *add(std::string_view key, KeyText::Form form) const
    {
        const std::lock_guard lock(m_mutex);
        for (std::size_t probe = 0; probe < probes; ++probe) {
            std::atomic<const Entry *> &slot = m_slots[slotOf(key, probe)];
            const Entry *const present = slot.load(std::memory_order_relaxed);
            if (present && present->key == key)
                return present;
            if (present)
                continue;
            m_entries.push_front({std::string(key), std::move(form)});
            slot.store(&m_entries.front(), std::memory_order_release);
            return &m_entries.front();
        }
        return nullptr;
    }

private:
    static constexpr std::size_t size = 512;
    static constexpr std::size_t probes = 4;

    static std::size_t slotOf(std::string_view key, std::size_t probe)
    {
        constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;
        std::uint64_t head = 0;
        std::uint64_t tail = 0;
        if (key.size() >= sizeof head) {
            std::memcpy(&head, key.data(), sizeof head);
            std::memcpy(&tail, key.data() + key.size() - sizeof tail, sizeof tail);
        } else {
            for (const char c : key)
                head = head << 8 | static_cast<unsigned char>(c);
        }
        const std::uint64_t hash = (head * 3 + tail + key.size()) * golden;
        return (static_cast<std::size_t>(hash >> 40) + probe) % size;
    }

    mutable std::array<std::atomic<const Entry *>, size> m_slots = {};
    mutable std::mutex m_mutex;
    mutable std::forward_list<Entry> m_entries;
};

/// Sorted, and none overlaps another.
void unite(secrets::Spans &spans)
{
    std::sort(spans.begin(), spans.end(),
              [](const secrets::Span &a, const secrets::Span &b) { return a.begin < b.begin; });
    std::size_t last = 0;
    for (std::size_t i = 1; i < spans.size(); ++i) {
        if (spans[i].begin < spans[last].end)
            spans[last].end = std::max(spans[last].end, spans[i].end);
        else
            spans[++last] = spans[i];
    }
    if (!spans.empty())
        spans.resize(last + 1);
}

void findMatches(const re2::RE2 &pattern, std::string_view text, secrets::Spans &found)
{
    const re2::StringPiece whole(text.data(), text.size());
    re2::StringPiece match;
    std::size_t at = 0;
    while (at < text.size()
           && pattern.Match(whole, at, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
        const auto begin = static_cast<std::size_t>(match.data() - text.data());
        at = begin + match.size();
        if (match.empty()) // an assertion such as \b, or $ at the end
            ++at;
        else
            found.push_back({begin, at});
    }
}

} // namespace

std::vector<std::string> RedactionSettings::secretKeys()
{
    return {"password",     "passwords",    "passwd",        "passphrase",
            "passcode",     "pass",         "pwd",           "dbpass",
            "sqlpass",      "userpass",     "rootpass",      "adminpass",
            "smtppass",     "dbpwd",        "sqlpwd",        "userpwd",
            "rootpwd",      "adminpwd",     "secret",        "secrets",
            "token",        "access_token", "refresh_token", "auth_token",
            "bearer_token", "id_token",     "session_token", "authorization",
            "auth",         "bearer",       "jwt",           "api_key",
            "access_key",   "secret_key",   "private_key",   "encryption_key",
            "signing_key",  "client_key",   "session_key",   "master_key",
            "account_key",  "ssh_key",      "hmac_key",      "credential",
            "credentials",  "cookie",       "cookies",       "session",
            "session_id",   "sessid",       "connect_sid",   "csrf",
            "otp",          "totp",         "mfa_code",      "pin",
            "ssn",          "cvv",          "cvc",           "card_number",
            "cc_number",    "credit_card",  "signature"};
}

struct Redactor::Private final : secrets::Names {
    RedactionSettings settings;
    /// Joined words in lower case, by their last byte: names in texts are not remembered.
    std::array<std::vector<std::string>, 256> keys;
    std::vector<std::unique_ptr<re2::RE2>> patterns;
    KeyCache cache;

    bool isSecret(std::string_view key) const override
    {
        constexpr std::size_t longest = 256; // only the end counts
        Words words(key.substr(key.size() - std::min(key.size(), longest)));
        do {
            const auto &alike = keysLike(words.text);
            if (std::any_of(alike.begin(), alike.end(),
                            [&](const auto &secret) { return words.endsIn(secret); }))
                return true;
        } while (words.dropQualifier());
        return false;
    }

    const std::vector<std::string> &keysLike(std::string_view text) const
    {
        return keys[text.empty() ? 0 : static_cast<unsigned char>(text.back())];
    }

    void addKey(const Words &words)
    {
        const auto add = [this](const std::string &text) {
            keys[static_cast<unsigned char>(text.back())].push_back(text);
        };
        add(words.text);
        // Several `api_keys` are secrets, several `tokens` may be a number of them.
        if (words.begins.size() > 1 && !words.text.ends_with('s'))
            add(words.text + 's');
    }

    secrets::Spans find(std::string_view text, bool isSuspicious) const
    {
        secrets::Spans found;
        if (isSuspicious && settings.jwt)
            secrets::findJwts(text, found);
        if (isSuspicious && settings.cardNumbers)
            secrets::findCardNumbers(text, found);
        if (isSuspicious && settings.credentials) {
            secrets::findUrlPasswords(text, found);
            secrets::findBearerTokens(text, found);
            secrets::findPrivateKeys(text, found);
            secrets::findAssigned(text, *this, found);
            secrets::findOptions(text, *this, found);
        }
        for (const auto &pattern : patterns)
            findMatches(*pattern, text, found);
        unite(found);
        return found;
    }

    Result<void> addPattern(const std::string &expression)
    {
        re2::RE2::Options options;
        options.set_log_errors(false);
        auto pattern = std::make_unique<re2::RE2>(expression, options);
        const auto error = [&](const std::string &why) {
            return tl::unexpected(
                Error{Error::Kind::Invalid,
                      "The redaction pattern \"" + expression + "\" can not be used: " + why,
                      {}});
        };
        if (!pattern->ok())
            return error(pattern->error() + "; see https://github.com/google/re2/wiki/Syntax");
        if (re2::RE2::FullMatch("", *pattern))
            return error("it matches where there is nothing to hide; make a part of it mandatory");
        patterns.push_back(std::move(pattern));
        return {};
    }
};

Result<Redactor> Redactor::create(RedactionSettings settings)
{
    constexpr const char *email = R"([A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)";
    auto made = std::make_shared<Private>();
    made->settings = std::move(settings);
    for (const std::string &key : made->settings.keys) {
        const Words words(key);
        if (words.text.empty())
            return tl::unexpected(
                Error{Error::Kind::Invalid,
                      "The redaction key \"" + key + "\" has no letter or digit; remove it",
                      {}});
        made->addKey(words);
    }
    for (const std::string &pattern : made->settings.patterns) {
        if (auto added = made->addPattern(pattern); !added)
            return tl::unexpected(added.error());
    }
    if (made->settings.email) {
        if (auto added = made->addPattern(email); !added)
            return tl::unexpected(added.error());
    }
    return Redactor(std::move(made));
}

Redactor::Redactor()
    : Redactor(*create({}))
{
}

Redactor::Redactor(std::shared_ptr<const Private> settings)
    : d(std::move(settings))
{
}

Redactor::~Redactor() = default;
Redactor::Redactor(const Redactor &) noexcept = default;
Redactor &Redactor::operator=(const Redactor &) noexcept = default;

bool Redactor::hidesKey(std::string_view key) const
{
    return KeyText(key, *this).form().isSecret;
}

KeyText::KeyText(std::string_view key, const Redactor &redactor)
{
    const KeyCache &cache = redactor.d->cache;
    const bool isShort = key.size() <= KeyCache::longestKey;
    const KeyCache::Entry *known = isShort ? cache.find(key) : nullptr;
    if (!known) {
        m_own.isSecret = redactor.d->isSecret(key);
        json::appendText(m_own.json, key, redactor);
        m_own.json += ':';
        known = isShort ? cache.add(key, m_own) : nullptr;
    }
    m_form = known ? &known->form : &m_own;
}

bool Redactor::mask(std::string_view text, std::string &out) const
{
    const bool isSuspicious = text::traitsOf(text).isSuspicious;
    if (!isSuspicious && d->patterns.empty())
        return false;
    const secrets::Spans found = d->find(text, isSuspicious);
    if (found.empty())
        return false;
    std::string masked;
    masked.reserve(text.size());
    std::size_t at = 0;
    for (const secrets::Span &span : found) {
        masked += text.substr(at, span.begin - at);
        masked += d->settings.mask;
        at = span.end;
    }
    masked += text.substr(at);
    out = std::move(masked);
    return true;
}

bool Redactor::hidesNumber(unsigned long long number) const
{
    constexpr unsigned long long shortestCard = 1'000'000'000'000; // 13 digits
    if (number < shortestCard || !d->settings.cardNumbers)
        return false;
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    secrets::Spans found;
    secrets::findCardNumbers({digits.data(), static_cast<std::size_t>(end - digits.data())}, found);
    return !found.empty();
}

bool Redactor::hidesNumber(double number) const
{
    constexpr double longestCard = 1e19;
    return number >= 1e12 && number < longestCard && std::trunc(number) == number
        && hidesNumber(static_cast<unsigned long long>(number));
}

bool Redactor::hasPatterns() const
{
    return !d->patterns.empty();
}

std::string_view Redactor::maskText() const
{
    return d->settings.mask;
}

} // namespace trendscope::observability
