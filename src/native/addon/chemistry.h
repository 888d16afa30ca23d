#pragma once
#include <napi.h>

namespace isolens::addon {

// The class NativeFeaturiser.
Napi::Value define_featuriser(Napi::Env env);

// The function commonParts.
Napi::Value define_common_parts(Napi::Env env);

}  // namespace isolens::addon
