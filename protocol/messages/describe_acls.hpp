// DescribeAcls (key 29): which ACLs match a filter.
#pragma once

#include "barnabas/protocol/field.hpp"

namespace barnabas::protocol {

struct DescribeAclsResponse;

/// Every part of the filter must match. ResourceType, PatternType, AclOperation and AclPermissionType have 1 for "any".
struct DescribeAclsRequest {
  using Response = DescribeAclsResponse;
  static constexpr Api api{.key = 29, .versions = "0-3", .flexible = "2+"};

  /// ResourceType: 1 any, 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user.
  Field<int8> resource_type_filter;
  /// Null = any.
  Field<nullable<string>> resource_name_filter{string{}};
  /// PatternType: 1 any, 2 whatever affects the name, 3 literal, 4 prefixed.
  Field<int8, "1+"> pattern_type_filter{3};
  /// "User:name"; null = any.
  Field<nullable<string>> principal_filter{string{}};
  /// Null = any.
  Field<nullable<string>> host_filter{string{}};
  /// AclOperation: 1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, and so on.
  Field<int8> operation;
  /// AclPermissionType: 1 any, 2 deny, 3 allow.
  Field<int8> permission_type;
};

/// The ACLs that match, by resource.
struct DescribeAclsResponse {
  static constexpr Api api{.key = 29, .versions = "0-3", .flexible = "2+"};

  struct Acl {
    Field<string> principal;
    Field<string> host;
    Field<int8> operation;
    Field<int8> permission_type;
  };
  struct Resource {
    Field<int8> resource_type;
    Field<string> resource_name;
    Field<int8, "1+"> pattern_type{3};
    Field<list<Acl>> acls;
  };

  Field<Millis> throttle_time_ms;
  Field<int16> error_code;
  Field<nullable<string>> error_message{string{}};
  Field<list<Resource>> resources;
};

}  // namespace barnabas::protocol
