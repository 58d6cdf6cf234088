// DeleteAcls (key 31): removing ACLs.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DeleteAclsResponse;

/// Each filter removes all that it matches; see DescribeAcls for the filters. Goes to the controller (a broker with
/// KRaft passes it on).
struct DeleteAclsRequest {
  using Response = DeleteAclsResponse;
  static constexpr Api api{.key = 31, .versions = "0-3", .flexible = "2+"};

  struct Filter {
    Field<int8> resource_type_filter;
    Field<nullable<string>> resource_name_filter{string{}};
    Field<int8, "1+"> pattern_type_filter{3};
    Field<nullable<string>> principal_filter{string{}};
    Field<nullable<string>> host_filter{string{}};
    Field<int8> operation;
    Field<int8> permission_type;
  };

  Field<list<Filter>> filters;
};

/// One result a filter, in the same order, with what it removed.
struct DeleteAclsResponse {
  static constexpr Api api{.key = 31, .versions = "0-3", .flexible = "2+"};

  struct Acl {
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
    Field<int8> resource_type;
    Field<string> resource_name;
    Field<int8, "1+"> pattern_type{3};
    Field<string> principal;
    Field<string> host;
    Field<int8> operation;
    Field<int8> permission_type;
  };
  struct Result {
    Field<int16> error_code;
    Field<nullable<string>> error_message{string{}};
    Field<list<Acl>> matching_acls;
  };

  Field<Millis> throttle_time_ms;
  Field<list<Result>> filter_results;
};

}  // namespace barnabas::protocol
