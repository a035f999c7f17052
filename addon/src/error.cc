#include "error.h"

#include <cstring>

Napi::Error SystemError(Napi::Env env, const std::string& doing, int error, const std::string& log) {
  const int number = error < 0 ? -error : error;
  Napi::Error exception = Napi::Error::New(env, doing + ": " + strerror(number));
  exception.Set("errno", Napi::Number::New(env, number));
  exception.Set("log", Napi::String::New(env, log));
  return exception;
}
