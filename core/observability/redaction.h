#pragma once

#include "../result.h"
#include "export.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::observability {

/// What must not be in a log.
struct RedactionSettings {
    /// The keys whose values are hidden unless told otherwise.
    TRENDSCOPE_OBSERVABILITY_EXPORT static std::vector<std::string> secretKeys();

    /// Words for a secret. Case, `_`, `-`, `.` and camelCase don't matter. A key is hidden when it
    /// ends in such a word, so `db_password`, `X-Api-Key`, `userToken` and `PGPASSWORD` are; words
    /// of less than five letters count only as a word of their own. So are the plurals of those of
    /// several words (`api_keys`). What says how a secret is written (`_value`, `_hash`, `_pem`,
    /// `_file`, `_id`, `_confirm`, a number, …) may follow. What is merely about a secret stays:
    /// `session_count`, `cookie_consent`, `password_changed_at`, and `tokens`, `max_tokens`, a
    /// number of something else.
    std::vector<std::string> keys = secretKeys();
    /// Passwords in URLs, what follows Bearer, and what is assigned to a hidden key within a text:
    /// `?token=…`, `"password": "…"`.
    bool credentials = true;
    bool jwt = true;
    /// 13 to 19 digits, also in groups, that have a card's check digit and begin as cards do.
    bool cardNumbers = true;
    bool email = false;
    /// Regular expressions (https://github.com/google/re2/wiki/Syntax); what they match is hidden.
    std::vector<std::string> patterns = {};
    std::string mask = "***";
};

/// Hides secrets in keys and texts. Cheap to copy; thread safe.
///
/// Every text that was logged passes it. Its time is linear in the text's length; a short text
/// without anything suspicious costs some nanoseconds, a known key as much.
class TRENDSCOPE_OBSERVABILITY_EXPORT Redactor {
public:
    Redactor(); ///< with the default settings
    ~Redactor();
    Redactor(const Redactor &) noexcept;
    Redactor &operator=(const Redactor &) noexcept;

    /// Errors: Invalid, a pattern that is no regular expression or that matches an empty text.
    static Result<Redactor> create(RedactionSettings settings);

    /// Whether the value of such a key is hidden, whatever it is.
    bool hidesKey(std::string_view key) const;
    /// Puts `text` with its secrets replaced into `out`; false, and `out` untouched, when it has
    /// none.
    bool mask(std::string_view text, std::string &out) const;
    /// Whether that number is a card's.
    bool hidesNumber(double number) const;
    bool hidesNumber(unsigned long long number) const;
    /// Whether there are patterns: then a text that looks harmless may have a secret, too.
    bool hasPatterns() const;
    /// What stands in a secret's place.
    std::string_view maskText() const;

private:
    friend class KeyText;
    struct Private;
    explicit Redactor(std::shared_ptr<const Private> settings);

    std::shared_ptr<const Private> d;
};

} // namespace trendscope::observability
