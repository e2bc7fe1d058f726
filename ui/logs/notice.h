#pragma once

#include <QWidget>

class QLabel;

namespace trendscope::ui {

struct Theme;

/// A line across the page that says what is wrong, with a bar and a tint in the colour of how bad
/// it is.
class Notice final : public QWidget {
    Q_OBJECT

public:
    enum class Kind { Warning, Error };

    Notice(const Theme &theme, Kind kind, QWidget *parent = nullptr);

    /// Plain text; hidden while it is empty.
    void setText(const QString &text);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    Kind m_kind;
    QLabel *m_text;
};

} // namespace trendscope::ui
