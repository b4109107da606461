// Physical quantities with their dimension in the type: what is measured or averaged, held as a double in SI
// units, whole tokens and whole dollars. Scale exists only at the edges: literals, the reader, the formatter.
// What is counted (requests, tokens of one request, blocks) is an integer and does not pass through here.
#pragma once

#include <compare>

namespace tideline {

// Exponents of time, data, tokens, floating-point operations, money and energy.
template <int kTime, int kByte, int kToken, int kFlop, int kDollar, int kJoule = 0>
struct Dim {};

template <class D>
class Quantity {
 public:
  constexpr Quantity() = default;
  explicit constexpr Quantity(double value) : value_(value) {}
  [[nodiscard]] constexpr double value() const { return value_; }
  auto operator<=>(const Quantity&) const = default;

  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity& operator+=(Quantity b) { value_ += b.value_; return *this; }
  constexpr Quantity& operator-=(Quantity b) { value_ -= b.value_; return *this; }
  constexpr Quantity& operator*=(double b) { value_ *= b; return *this; }
  constexpr Quantity& operator/=(double b) { value_ /= b; return *this; }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator*(Quantity a, double b) { return Quantity(a.value_ * b); }
  friend constexpr Quantity operator*(double a, Quantity b) { return Quantity(a * b.value_); }
  friend constexpr Quantity operator/(Quantity a, double b) { return Quantity(a.value_ / b); }

 private:
  double value_ = 0.0;
};

template <int T1, int B1, int K1, int F1, int D1, int J1, int T2, int B2, int K2, int F2, int D2, int J2>
constexpr auto operator*(Quantity<Dim<T1, B1, K1, F1, D1, J1>> a, Quantity<Dim<T2, B2, K2, F2, D2, J2>> b) {
  using Product = Dim<T1 + T2, B1 + B2, K1 + K2, F1 + F2, D1 + D2, J1 + J2>;
  if constexpr (__is_same(Product, Dim<0, 0, 0, 0, 0>)) return a.value() * b.value();
  else return Quantity<Product>(a.value() * b.value());
}
template <int T1, int B1, int K1, int F1, int D1, int J1, int T2, int B2, int K2, int F2, int D2, int J2>
constexpr auto operator/(Quantity<Dim<T1, B1, K1, F1, D1, J1>> a, Quantity<Dim<T2, B2, K2, F2, D2, J2>> b) {
  using Ratio = Dim<T1 - T2, B1 - B2, K1 - K2, F1 - F2, D1 - D2, J1 - J2>;
  if constexpr (__is_same(Ratio, Dim<0, 0, 0, 0, 0>)) return a.value() / b.value();
  else return Quantity<Ratio>(a.value() / b.value());
}
template <int T, int B, int K, int F, int D, int J>
constexpr auto operator/(double a, Quantity<Dim<T, B, K, F, D, J>> b) {
  return Quantity<Dim<-T, -B, -K, -F, -D, -J>>(a / b.value());
}

using Seconds = Quantity<Dim<1, 0, 0, 0, 0>>;
using Bytes = Quantity<Dim<0, 1, 0, 0, 0>>;
using Tokens = Quantity<Dim<0, 0, 1, 0, 0>>;
using Flop = Quantity<Dim<0, 0, 0, 1, 0>>;
using Dollars = Quantity<Dim<0, 0, 0, 0, 1>>;
using BytesPerSecond = Quantity<Dim<-1, 1, 0, 0, 0>>;
using TokensPerSecond = Quantity<Dim<-1, 0, 1, 0, 0>>;
using FlopPerSecond = Quantity<Dim<-1, 0, 0, 1, 0>>;
using BytesPerToken = Quantity<Dim<0, 1, -1, 0, 0>>;
using PerSecond = Quantity<Dim<-1, 0, 0, 0, 0>>;
using DollarsPerSecond = Quantity<Dim<-1, 0, 0, 0, 1>>;
using DollarsPerToken = Quantity<Dim<0, 0, -1, 0, 1>>;
using Watts = Quantity<Dim<-1, 0, 0, 0, 0, 1>>;
using DollarsPerJoule = Quantity<Dim<0, 0, 0, 0, 1, -1>>;

namespace literals {
constexpr Seconds operator""_s(long double v) { return Seconds(static_cast<double>(v)); }
constexpr Seconds operator""_ms(long double v) { return Seconds(static_cast<double>(v) * 1e-3); }
constexpr Seconds operator""_us(long double v) { return Seconds(static_cast<double>(v) * 1e-6); }
constexpr Seconds operator""_h(long double v) { return Seconds(static_cast<double>(v) * 3600.0); }
}  // namespace literals

}  // namespace tideline
