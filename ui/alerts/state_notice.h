#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace trendscope::ui {

/// Fills the place of a list that has nothing to show, and says why: nothing there, not known yet,
/// or failed.
class StateNotice final : public QWidget {
    Q_OBJECT

public:
    enum class Kind { Good, Empty, Loading, Failed };

    explicit StateNotice(const Theme &theme, QWidget *parent = nullptr);

    /// Plain texts; an empty `action` shows no button.
    void show(Kind kind, const QString &title, const QString &text, const QString &action = {});
    /// Lines for a terminal below the text, in a fixed font; empty shows none.
    void setCommands(const QString &commands);
    Kind kind() const { return m_kind; }

Q_SIGNALS:
    void actionRequested();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fitText();
    QColor color() const;
    void paintSign(QPainter &painter, const QPointF &center) const;

    const Theme &m_theme;
    Kind m_kind = Kind::Loading;
    QWidget *m_sign;
    QLabel *m_title;
    QLabel *m_text;
    QLabel *m_commands;
    QPushButton *m_action;
};

} // namespace trendscope::ui
