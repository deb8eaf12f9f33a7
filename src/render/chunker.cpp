#include "render/chunker.hpp"

#include <algorithm>
#include <cstddef>

#include "core/utf8.hpp"

namespace halcyon::render {
namespace {

constexpr std::size_t longest_word = 48;  // characters
constexpr std::size_t piece_bytes = 3;

struct Word {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool ends_sentence = false;
};

/// One character of the text; bytes that are no UTF-8 pass as characters of one byte.
std::string_view character_at(std::string_view text, std::size_t at) {
    return text.substr(at, std::max<std::size_t>(1, utf8::character(text.substr(at, 4))));
}

bool is_line_end(std::string_view c) { return c == "\n" || c == "\xe2\x80\xa8" || c == "\xe2\x80\xa9"; }

bool is_blank(std::string_view c) {
    return (c.size() == 1 && static_cast<unsigned char>(c[0]) <= ' ') || is_line_end(c) || c == "\xc2\xa0" ||
           c == "\xe3\x80\x80";
}

/// 。！？ end a sentence wherever they stand, since no blank follows them.
bool is_wide_stop(std::string_view c) {
    return c == "\xe3\x80\x82" || c == "\xef\xbc\x81" || c == "\xef\xbc\x9f";
}
bool is_stop(std::string_view c) { return c == "." || c == "!" || c == "?" || c == "\xe2\x80\xa6"; }

/// Quotes and brackets that may follow a sentence's last character.
bool is_closing(std::string_view c) {
    return c == "\"" || c == "'" || c == ")" || c == "]" || c == "\xe2\x80\x9d" || c == "\xe2\x80\x99" ||
           c == "\xc2\xbb" || c == "\xe3\x80\x8d" || c == "\xe3\x80\x8f" || c == "\xef\xbc\x89";
}

class Splitter {
  public:
    explicit Splitter(std::string_view text) : text_(text) {}

    std::vector<Word> words() {
        std::size_t at = 0;
        while (at < text_.size()) {
            const auto c = character_at(text_, at);
            if (is_blank(c)) {
                if (is_line_end(c) && !words_.empty()) words_.back().ends_sentence = true;
                at += c.size();
            } else {
                at = run(at);
            }
        }
        return std::move(words_);
    }

  private:
    /// Characters up to the next blank: one word, or many pieces.
    std::size_t run(std::size_t begin) {
        std::size_t end = begin;
        std::size_t characters = 0;
        while (end < text_.size()) {
            const auto c = character_at(text_, end);
            if (is_blank(c)) break;
            end += c.size();
            ++characters;
        }
        if (characters > longest_word)
            pieces(begin, end);
        else
            word(begin, end);
        return end;
    }

    void word(std::size_t begin, std::size_t end) {
        bool stop = false;
        auto start = begin;
        for (auto at = begin; at < end;) {
            const auto c = character_at(text_, at);
            at += c.size();
            if (is_wide_stop(c)) {
                while (at < end &&
                       (is_closing(character_at(text_, at)) || is_wide_stop(character_at(text_, at))))
                    at += character_at(text_, at).size();
                words_.push_back({start, at, true});
                start = at;
            }
            stop = is_stop(c) || (stop && is_closing(c));
        }
        if (start < end) words_.push_back({start, end, stop});
    }

    void pieces(std::size_t begin, std::size_t end) {
        auto start = begin;
        for (auto at = begin; at < end;) {
            const auto c = character_at(text_, at);
            at += c.size();
            const bool wide_stop = is_wide_stop(c);
            if (wide_stop || at - start >= piece_bytes || at == end) {
                words_.push_back({start, at, wide_stop || (at == end && is_stop(c))});
                start = at;
            }
        }
    }

    std::string_view text_;
    std::vector<Word> words_;
};

class Chunker {
  public:
    Chunker(std::string_view text, const ChunkOptions& options)
        : text_(text),
          size_(std::max(options.size, 1U)),
          overlap_(std::min<std::size_t>(options.overlap, size_ - 1)),
          words_(Splitter(text).words()) {}

    std::vector<std::string_view> by_words() {
        cut(0, words_.size());
        return std::move(chunks_);
    }

    std::vector<std::string_view> by_sentences() {
        const auto sentences = find_sentences();
        const auto length = [&](std::size_t i) { return sentences[i + 1] - sentences[i]; };
        for (std::size_t i = 0; i + 1 < sentences.size();) {
            if (length(i) > size_) {
                cut(sentences[i], sentences[i + 1]);
                ++i;
                continue;
            }
            auto end = i;
            while (end + 1 < sentences.size() && sentences[end + 1] - sentences[i] <= size_) ++end;
            emit(sentences[i], sentences[end]);
            if (end + 1 == sentences.size()) break;
            auto next = end;
            while (next > i + 1 && sentences[end] - sentences[next - 1] <= overlap_) --next;
            // What is repeated must leave room for the sentence that comes.
            while (next < end && sentences[end + 1] - sentences[next] > size_) ++next;
            i = next;
        }
        return std::move(chunks_);
    }

  private:
    /// Where each sentence begins, and the number of words at the end.
    std::vector<std::size_t> find_sentences() const {
        std::vector<std::size_t> begins;
        bool ended = true;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if (ended) begins.push_back(i);
            ended = words_[i].ends_sentence;
        }
        begins.push_back(words_.size());
        return begins;
    }

    void emit(std::size_t first, std::size_t last) {
        const auto begin = words_[first].begin;
        chunks_.push_back(text_.substr(begin, words_[last - 1].end - begin));
    }

    void cut(std::size_t first, std::size_t last) {
        for (auto at = first; at < last; at += size_ - overlap_) {
            const auto end = std::min(at + size_, last);
            emit(at, end);
            if (end == last) return;
        }
    }

    std::string_view text_;
    std::size_t size_;
    std::size_t overlap_;
    std::vector<Word> words_;
    std::vector<std::string_view> chunks_;
};

}  // namespace

std::vector<std::string_view> chunk_text(std::string_view text, const ChunkOptions& options) {
    Chunker chunker(text, options);
    return options.by == ChunkOptions::By::sentences ? chunker.by_sentences() : chunker.by_words();
}

}  // namespace halcyon::render
