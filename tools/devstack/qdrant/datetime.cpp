#include "devstack/qdrant/datetime.hpp"

#include <chrono>

namespace halcyon::devstack::qdrant {
namespace {

class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (text_.size() < count) return std::nullopt;
        int value = 0;
        for (const char c : text_.substr(0, count)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + (c - '0');
        }
        text_.remove_prefix(count);
        return value;
    }
    bool eat(std::string_view any) {
        if (text_.empty() || any.find(text_.front()) == std::string_view::npos) return false;
        last_ = text_.front();
        text_.remove_prefix(1);
        return true;
    }
    char last() const { return last_; }
    bool done() const { return text_.empty(); }

  private:
    std::string_view text_;
    char last_ = 0;
};

}  // namespace

std::optional<std::int64_t> parse_datetime(std::string_view text) {
    using namespace std::chrono;
    Cursor at(text);
    const auto y = at.digits(4);
    if (!y || !at.eat("-")) return std::nullopt;
    const auto m = at.digits(2);
    if (!m || !at.eat("-")) return std::nullopt;
    const auto d = at.digits(2);
    if (!d) return std::nullopt;
    const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!date.ok()) return std::nullopt;
    microseconds since = sys_days(date).time_since_epoch();
    if (at.done()) return since.count();

    if (!at.eat("Tt ")) return std::nullopt;
    const auto hour = at.digits(2);
    if (!hour || *hour > 23 || !at.eat(":")) return std::nullopt;
    const auto minute = at.digits(2);
    if (!minute || *minute > 59) return std::nullopt;
    since += hours(*hour) + minutes(*minute);
    if (at.eat(":")) {
        const auto second = at.digits(2);
        if (!second || *second > 60) return std::nullopt;
        since += seconds(*second);
        if (at.eat(".")) {
            std::int64_t scale = 100000;
            auto digit = at.digits(1);
            if (!digit) return std::nullopt;
            for (; digit; digit = at.digits(1), scale /= 10) since += microseconds(*digit * scale);
        }
    }
    if (at.done() || (at.eat("Zz") && at.done())) return since.count();
    if (!at.eat("+-")) return std::nullopt;
    const int sign = at.last() == '-' ? -1 : 1;
    const auto off_hour = at.digits(2);
    if (!off_hour || *off_hour > 23) return std::nullopt;
    at.eat(":");
    const auto off_minute = at.done() ? std::optional(0) : at.digits(2);
    if (!off_minute || *off_minute > 59 || !at.done()) return std::nullopt;
    since -= sign * (hours(*off_hour) + minutes(*off_minute));
    return since.count();
}

}  // namespace halcyon::devstack::qdrant
