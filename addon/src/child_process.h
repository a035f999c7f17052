#pragma once

#include <napi.h>
#include <sys/types.h>

#include "file_descriptor.h"

// A child that executes a program when it is released, or when this process ends: nothing keeps it waiting for ever.
//
//   new ChildProcess(file, argv, capabilities): `file` is executed as it is, without a look at PATH, with this
//   process's environment. `argv` are Uint8Arrays, as words need not be UTF-8. `capabilities` are numbers of linux/capability.h that are taken out of its ambient and
//   inheritable sets.
class ChildProcess : public Napi::ObjectWrap<ChildProcess> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit ChildProcess(const Napi::CallbackInfo& info);

 private:
  Napi::Value Pid(const Napi::CallbackInfo& info);
  // guard(): from here on until continue() somebody sends SIGCONT to the child should this process end.
  Napi::Value Guard(const Napi::CallbackInfo& info);
  Napi::Value Release(const Napi::CallbackInfo& info);
  // continue(): lets it run when it was stopped, and ends the guard.
  Napi::Value Continue(const Napi::CallbackInfo& info);
  // execError(): the errno of an exec that failed, else 0. To be asked when the child has ended.
  Napi::Value ExecError(const Napi::CallbackInfo& info);

  pid_t pid_ = -1;
  FileDescriptor gate_;
  FileDescriptor error_;
  FileDescriptor guard_;
};

// reapChildren(): takes the exit status of every child that has ended, also of orphans that a PID 1 inherits.
// Returns [{pid, code, signal}], of the two numbers the one that doesn't apply is undefined.
Napi::Value ReapChildren(const Napi::CallbackInfo& info);
