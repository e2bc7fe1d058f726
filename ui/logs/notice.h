#pragma once

#include <QStringList>
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

    /// Plain text, broken into as many lines as it needs; hidden while it is empty.
    void setText(const QString &text);
    /// Plain lines, of which three are shown at most, each cut where there is no room; all of them
    /// are in the tool tip. A single one is broken instead. Hidden while there is none.
    void setLines(const QStringList &lines);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fitLines();

    const Theme &m_theme;
    Kind m_kind;
    QLabel *m_text;
    QStringList m_lines; ///< that are shown cut
};

} // namespace trendscope::ui
